// What somebody writes is not lost: not by a line that breaks, not by a session that ends, not by a page that closes.
// Drafts lie in the storage of the tab, go with it, and go when they are saved or their writer signs out.
(() => {
  "use strict";
  const { user } = document.body.dataset;
  if (!user) return;
  const words = document.getElementById("words")?.dataset ?? {};
  const ALL = "house:draft:", MINE = `${ALL}${user}:`;
  // Written on since this page was opened: what draws their form anew must not empty it.
  const live = new Set();

  // --- the storage, where there is one ---

  let keeps = true;
  const store = (deed) => {
    try {
      return deed(sessionStorage);
    } catch {
      keeps = false;
      return null;
    }
  };
  const keys = () => store((tab) => Object.keys(tab).filter((key) => key.startsWith(ALL))) ?? [];
  const draftOf = (key) => {
    try {
      return JSON.parse(store((tab) => tab.getItem(key)));
    } catch {
      return null;
    }
  };
  const keep = (key, draft) => store((tab) => tab.setItem(key, JSON.stringify(draft)));
  const forget = (key) => {
    live.delete(key);
    store((tab) => tab.removeItem(key));
  };
  store((tab) => tab.getItem(MINE));
  // What somebody else wrote in this tab is nobody's business.
  keys().filter((key) => !key.startsWith(MINE)).forEach(forget);

  // --- forms ---

  const TEXTS = "input[type=text], input[type=tel], input[type=email], input[type=number], textarea";
  const isWriting = (form) => form instanceof HTMLFormElement && form.getAttribute("method") === "post" && !pathOf(form).startsWith("/accounts/") && form.querySelector(TEXTS) !== null;
  const pathOf = (form) => new URL(form.getAttribute("action") || location.href, location.href).pathname;
  const keyOf = (form) => MINE + pathOf(form);
  const formsIn = (node) => [...(node.matches?.("form") ? [node] : []), ...node.querySelectorAll("form")].filter(isWriting);
  const isTyped = (form) => [...form.querySelectorAll(TEXTS)].some((one) => one.value.trim() && (one.value !== one.defaultValue || form.querySelector(".errorlist")));
  const isKept = (one) => one.name && one.matches("input, textarea, select") && !one.matches("[type=hidden], [type=password], [type=file], [type=submit]");
  const isTicked = (one) => one.matches("[type=checkbox], [type=radio]");
  const pressOf = (form) => form.querySelector("input[name=press]");
  const nameOf = (form) => {
    const named = form.closest("details")?.querySelector("summary") ?? form.querySelector(".ends button, button");
    return [...(named?.childNodes ?? [])].filter((one) => one.nodeName !== "KBD").map((one) => one.textContent).join("").trim();
  };

  const note = (form) => {
    const key = keyOf(form);
    if (!isTyped(form)) return forget(key);
    live.add(key);
    const fields = [...form.elements].filter(isKept).filter((one) => !isTicked(one) || one.checked).map((one) => [one.name, one.value]);
    keep(key, { fields, press: pressOf(form)?.value, page: location.pathname, name: nameOf(form) });
  };
  const fill = (form, draft) => {
    for (const one of [...form.elements].filter(isKept)) {
      const values = draft.fields.filter(([name]) => name === one.name).map(([, value]) => value);
      if (isTicked(one)) one.checked = values.includes(one.value);
      else if (one.tagName !== "SELECT" || [...one.options].some((option) => option.value === values[0])) one.value = values[0] ?? one.value;
    }
    // The same press as before the page was drawn anew: should that one have been saved, this one is not saved again.
    if (draft.press && pressOf(form)) pressOf(form).value = draft.press;
    live.add(keyOf(form));
  };

  // --- putting back ---

  const line = (role, text, ...more) => {
    const made = document.createElement("p");
    if (role) made.setAttribute("role", role);
    made.append(text, ...more);
    return made;
  };
  const press = (text, deed) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = text;
    button.addEventListener("click", deed);
    return button;
  };
  const offer = (key, form, draft) => {
    const letGo = press(words.letGo, () => { forget(key); made.remove(); });
    const said = form ? [press(words.putBack, () => {
      for (let part = form.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
      fill(form, draft);
      made.remove();
      form.querySelector(TEXTS).focus();
    })] : [document.createElement("q")];
    // Its place has gone from the page: then at least the words.
    if (!form) said[0].textContent = draft.fields.filter(([, value]) => /\s/.test(value.trim())).map(([, value]) => value).join(" · ") || draft.fields[0][1];
    const made = line("status", `${form ? words.begun : words.homeless} ${draft.name}`, " ", ...said, " ", letGo);
    made.className = "put-back";
    made.dataset.draft = key;
    document.querySelectorAll(".put-back").forEach((other) => { if (other.dataset.draft === key) other.remove(); });
    const beside = form && (form.closest(".foot") || form.closest(".acts") || form.closest("details") || form);
    (beside || document.querySelector("#matter > *, #main > :not(.left):not(.middle)") || document.getElementById("main").firstElementChild).before(made);
  };

  // Whether a form that was sent as a whole page arrived: its page led here, and nothing here speaks of a failure.
  const cameThrough = (draft) => document.referrer.split("#")[0] === draft.sentFrom && performance.getEntriesByType("navigation")[0]?.type !== "back_forward" && !document.querySelector("[data-broken], #main .errorlist");

  const look = () => {
    const forms = formsIn(document);
    for (const key of keys()) {
      const draft = draftOf(key), form = forms.find((one) => keyOf(one) === key);
      if (!draft?.fields?.length || (draft.sentFrom && cameThrough(draft))) forget(key);
      else if (form && isTyped(form)) live.add(key);
      else if (form || draft.page === location.pathname) offer(key, form, draft);
    }
  };

  // --- when the line breaks ---

  const say = (text) => document.getElementById("said")?.replaceChildren(line("", text));
  const tell = (form, ...text) => {
    form.querySelector(".failed")?.remove();
    const told = line("alert", ...text);
    told.className = "failed";
    const ends = form.querySelector(".ends, button");
    if (ends) ends.before(told);
    else form.append(told);
  };
  const link = (text) => {
    const made = document.createElement("a");
    made.href = words.signIn;
    made.target = "_blank";
    made.textContent = text;
    return made;
  };

  // A page that was open while somebody signed in anew has an old secret in its forms.
  const renew = async () => {
    const answer = await fetch(location.href, { cache: "no-store" });
    const sheet = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = sheet.querySelector("input[name=csrfmiddlewaretoken]")?.value;
    if (!answer.ok || !token || sheet.body.dataset.user !== user) return sheet.body.dataset.user ? "refused" : "out";
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((one) => { one.value = token; });
    return "back";
  };
  let isOut = false;
  const comeBack = () => {
    if (!isOut || document.visibilityState !== "visible") return;
    renew().then((how) => {
      if (how !== "back") return;
      isOut = false;
      document.querySelectorAll("form:has(.failed)").forEach((form) => tell(form, words.back));
    }, () => {});
  };
  addEventListener("focus", comeBack);
  document.addEventListener("visibilitychange", comeBack);

  const explain = (form, xhr) => {
    const out = () => {
      isOut = true;
      tell(form, `${words.out} `, link(words.outLink));
    };
    if (xhr.status === 401) out();
    // Only where the secret of the form is old does a new one help; else the door is for other roles.
    else if (xhr.status === 403 && new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("[data-old-secret]")) {
      renew().then((how) => (how === "out" ? out() : tell(form, words[how])), () => tell(form, words.refused));
    } else if (xhr.status === 409) {
      if (pressOf(form)) pressOf(form).value = xhr.getResponseHeader("Press-Key");
      tell(form, xhr.responseText);
    } else if (xhr.status >= 400 && xhr.status < 500) tell(form, words.refused);
    else tell(form, xhr.status === 0 && !navigator.onLine ? words.down : words.unknown);
  };
  const failed = (event) => {
    const { elt, xhr } = event.detail;
    if (isWriting(elt)) {
      note(elt);
      explain(elt, xhr);
    } else if (!elt.closest("[data-quiet]") && !elt.closest("form[method=post]")?.querySelector(TEXTS)) {
      // What is asked while somebody writes (is this about health?) may fail without a word.
      say(xhr.status >= 400 && xhr.status < 500 ? words.refused : words.lost);
    }
  };
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, failed);

  // --- what happens to a form ---

  const written = (event) => {
    const form = event.target.form;
    if (form && isWriting(form) && !event.target.closest("[type=hidden]")) note(form);
  };
  document.addEventListener("input", written);
  document.addEventListener("change", written);
  document.addEventListener("htmx:beforeRequest", (event) => event.detail.elt.querySelector?.(":scope .failed")?.remove());
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr } = event.detail;
    if (isWriting(elt) && xhr.status < 300) forget(keyOf(elt));
  });
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt === document.body) return;
    for (const form of formsIn(event.detail.elt)) {
      const key = keyOf(form), draft = draftOf(key);
      if (!draft || isTyped(form)) continue;
      if (live.has(key)) {
        const details = form.closest("details");
        if (details) details.open = true;
        fill(form, draft);
      } else offer(key, form, draft);
    }
  });
  const clearAll = () => keys().forEach(forget);
  const others = "BroadcastChannel" in window ? new BroadcastChannel("house:signed-out") : null;
  if (others) others.onmessage = clearAll;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (pathOf(form).endsWith("/logout/")) {
      clearAll();
      others?.postMessage(user);
    } else if (isWriting(form) && !form.hasAttribute("hx-post") && !event.defaultPrevented) {
      note(form);
      const key = keyOf(form), draft = draftOf(key);
      if (draft) keep(key, { ...draft, sentFrom: location.href.split("#")[0] });
    }
  });
  addEventListener("beforeunload", (event) => {
    if (!keeps && formsIn(document).some(isTyped)) event.preventDefault();
  });
  addEventListener("pageshow", (event) => { if (event.persisted) look(); });
  look();
})();
