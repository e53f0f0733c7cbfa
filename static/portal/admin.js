// What unfold's pages lack for people who hear them: a main landmark, scroll areas that are no landmarks, and names
// for the fields in tables and for lists that search.
"use strict";

function name() {
  const main = document.getElementById("main");
  if (main && !main.hasAttribute("role")) {
    main.setAttribute("role", "main");
  }
  document.querySelectorAll('.simplebar-content-wrapper[role="region"]').forEach((area) => {
    // It scrolls and is reached with the keyboard, but it is no landmark.
    area.setAttribute("role", "group");
  });
  document.querySelectorAll("table").forEach(nameFields);
  document.querySelectorAll("select.select2-hidden-accessible").forEach(nameSearch);
}

function nameSearch(select) {
  const label = select.labels[0];
  const shown = select.nextElementSibling;
  if (!label || !shown) {
    return;
  }
  const title = label.textContent.trim().replace(/\*$/, "");
  shown.querySelectorAll('[role="combobox"], [role="textbox"]').forEach((part) => {
    if (part.getAttribute("aria-label") !== title) {
      part.setAttribute("aria-label", title);
    }
  });
}

function nameFields(table) {
  const heads = Array.from(table.querySelectorAll("thead tr:last-child > *"));
  heads.forEach((head) => {
    if (head.tagName === "TH" && !head.textContent.trim() && !head.children.length) {
      head.setAttribute("role", "none");
    }
  });
  table.querySelectorAll("tbody td").forEach((cell) => {
    const head = heads[cell.cellIndex];
    const title = head && head.textContent.trim();
    cell.querySelectorAll("input:not([type=hidden]), select, textarea").forEach((field) => {
      if (title && !field.labels.length && !field.hasAttribute("aria-label")) {
        field.setAttribute("aria-label", title);
      }
    });
  });
}

document.addEventListener("DOMContentLoaded", () => {
  name();
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
});
