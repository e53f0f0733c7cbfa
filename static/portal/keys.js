// Single keys, the list of them, and where the focus goes after a change.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const isTyping = (node) => node instanceof Element && node.closest("input, textarea, select, [contenteditable], dialog") !== null;

  const showKeys = () => {
    const dialog = byId("keys");
    if (dialog && !dialog.open) dialog.showModal();
  };

  // What the phone system opened shows the customer at once: from here on the page has their address, not the number.
  const called = document.querySelector("[data-address]");
  if (called) history.replaceState(history.state, "", called.dataset.address);

  // Where one lands in the field with the words that were looked for, the next ones take their place.
  const asked = document.querySelector("[data-search][autofocus]");
  if (asked?.value) asked.select();

  // A key belongs to the first thing on the page that carries it: a form to open, or a block to read on from.
  // Where the focus is in a part that has keys of its own, it belongs to that part first.
  const goTo = (key, isRepeat) => {
    const nodes = [...document.querySelectorAll(`[data-key="${key}"]`)].filter((one) => one.getClientRects().length);
    const here = document.activeElement?.closest("[data-keys-here]");
    const node = nodes.find((one) => here?.contains(one)) ?? nodes[0];
    if (!node) return false;
    if ("keyPress" in node.dataset) {
      // A key that is held down presses once.
      if (!isRepeat) node.click();
      return true;
    }
    if (node.tagName === "SUMMARY") {
      node.parentElement.open = true;
      const field = node.parentElement.querySelector("form :is(input:not([type=hidden]), textarea, select)");
      (field || node).focus();
    } else if (node.tagName === "A") {
      // A link is followed, as a press would.
      node.click();
    } else {
      (byId(node.dataset.keyTo) || node).focus();
    }
    return true;
  };

  // A key of a row presses the button that carries it there, while the focus is in the row.
  const pressInRow = (target, key) => {
    const button = target instanceof Element && target.closest("[data-row]")?.querySelector(`[data-row-key="${key}"]`);
    if (button) button.click();
    return Boolean(button);
  };

  document.addEventListener("keydown", (event) => {
    if (!("keys" in document.body.dataset)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "?") {
      event.preventDefault();
      showKeys();
    } else if (/^[a-z0-9]$/i.test(event.key) && (pressInRow(event.target, event.key.toLowerCase()) || goTo(event.key.toLowerCase(), event.repeat))) {
      event.preventDefault();
    }
  });

  document.addEventListener("click", (event) => {
    const list = event.target.closest("[data-keys-list]");
    if (list && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      showKeys();
    }
    // The menu of one's own closes when one goes elsewhere.
    document.querySelectorAll("details.me[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target instanceof Element && event.target.closest("details.me[open], details.act[open], details.inline[open]");
    if (open) {
      // It closes this, and nothing else: a call stays on the desk.
      event.preventDefault();
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  // One form at a time. Not by the details' own name: a form that comes back open would be closed beside its old self.
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches("details.act[open]")) return;
    document.querySelectorAll("details.act[open]").forEach((other) => {
      if (other.id !== event.target.id) other.open = false;
    });
  }, true);

  // The server names where the focus belongs after a part of the page was replaced.
  document.addEventListener("house:focus", (event) => {
    const node = byId(event.detail.id);
    if (!node) return;
    const inside = node.matches("div, fieldset") && node.querySelector("input, textarea, select");
    (inside || node).focus({ preventScroll: false });
  });

  // What was said goes away by itself; a screen reader has read it by then.
  let clearing;
  const said = byId("said");
  if (said) {
    const later = () => {
      clearTimeout(clearing);
      if (said.childElementCount) clearing = setTimeout(() => said.replaceChildren(), 8000);
    };
    new MutationObserver(later).observe(said, { childList: true });
    later();
  }
})();
