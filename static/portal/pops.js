// Who is on the line. One page of the browser keeps the line to the house open and tells the others; where the house
// has no room for one more line, it is asked every five seconds. What stands is what the house says, never more.
(() => {
  "use strict";
  const place = document.getElementById("pops");
  const said = document.getElementById("pops-said");
  if (!place || !said) return;
  const { user, stream, standing } = place.dataset;
  const ASK_EVERY = 5000, TRY_AGAIN = 30000;
  const me = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`;
  const isPlain = (event) => !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing);

  // --- what is drawn ---

  const cards = () => [...place.querySelectorAll("[data-pop]")];
  const told = `house:pops-told:${user}`;
  const toldOf = () => (sessionStorage.getItem(told) || "").split(" ").filter(Boolean);

  // Words for a screen reader, once for each call: not again on every page.
  const tell = (fresh) => {
    const known = toldOf();
    const news = fresh.filter((card) => !known.includes(card.dataset.pop));
    if (!news.length) return;
    sessionStorage.setItem(told, [...known, ...news.map((card) => card.dataset.pop)].slice(-20).join(" "));
    const words = news.map((card) => [...card.querySelectorAll(".pop-how, .pop-who, .tier, .pop-where, .pop-waited")].map((part) => part.textContent.trim()).join(", "));
    said.textContent = `${words.join(". ")}. ${"keys" in document.body.dataset ? place.dataset.press : ""}`;
  };

  const line = document.getElementById("calling");
  let isOurs = false;
  const markCaller = () => {
    if (!line) return;
    const card = cards().find((one) => one.dataset.customer === line.dataset.calling);
    if (card && line.hidden) {
      line.textContent = card.querySelector(".pop-how").textContent;
      line.hidden = false;
      isOurs = true;
    } else if (!card && isOurs) {
      line.hidden = true;
      isOurs = false;
    }
  };

  const remove = (card) => {
    // The focus would be lost with the card: it goes to the next one, or back to the page.
    const held = card.contains(document.activeElement);
    card.remove();
    place.hidden = !place.querySelector("[data-pop]");
    if (held) (place.querySelector("button") || document.getElementById("main")).focus();
  };

  // What was pressed away here does not come back with words that the house said before it knew.
  const gone = new Set();

  const draw = (state) => {
    const ids = state.ids.filter((id) => !gone.has(id));
    const sheet = document.createElement("template");
    sheet.innerHTML = state.html;
    const wanted = [...sheet.content.querySelectorAll("[data-pop]")].filter((card) => ids.includes(card.dataset.pop));
    cards().filter((card) => !ids.includes(card.dataset.pop)).forEach(remove);
    let after = null;
    for (const card of wanted) {
      const here = cards().find((one) => one.dataset.pop === card.dataset.pop);
      if (here) {
        // Drawn anew, for it may have become the newest; but never under somebody's finger.
        const stays = here.contains(document.activeElement);
        if (!stays) here.replaceWith(card);
        after = stays ? here : card;
      } else {
        card.classList.add("is-fresh");
        if (after) after.after(card);
        else place.prepend(card);
        after = card;
      }
    }
    place.hidden = !cards().length;
    tell(cards());
    markCaller();
  };

  // --- pressing ---

  const post = (form) => fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" }, redirect: "manual" });

  place.addEventListener("submit", (event) => {
    const form = event.target, card = form.closest("[data-pop]");
    const isHere = form.matches("[data-pop-answer]") && line && card.dataset.customer === line.dataset.calling;
    if (!form.matches("[data-pop-dismiss]") && !isHere) return;
    // Whoever has the customer open already stays where they are: nothing half written is lost.
    event.preventDefault();
    if (isHere) isOurs = false;
    post(form).then((answer) => {
      if (answer.status !== 204) form.submit();
      else {
        gone.add(card.dataset.pop);
        remove(card);
        markCaller();
        ask();
      }
    }, () => form.submit());
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !isPlain(event) || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const from = event.target;
    if (from instanceof Element && from.closest("input, textarea, select, [contenteditable], details[open]")) return;
    place.querySelector("[data-pop-dismiss] button")?.click();
  });

  // --- the line to the house ---

  const others = "BroadcastChannel" in window ? new BroadcastChannel(`house:pops:${user}`) : null;
  let last = null, source = null, asking = 0;

  const take = (state) => {
    last = state;
    draw(state);
    others?.postMessage(state);
  };
  const leave = () => {
    source?.close();
    source = null;
    clearInterval(asking);
    asking = 0;
  };
  const signedOut = () => {
    leave();
    take({ ids: [], html: "" });
  };

  const ask = () => fetch(standing, { headers: { Accept: "application/json" }, redirect: "manual" }).then((answer) => {
    if (answer.ok) return answer.json().then(take);
    if (answer.type === "opaqueredirect" || answer.status === 403) signedOut();
  }).catch(() => {});

  const listen = () => {
    leave();
    const key = `house:pops-line:${user}`, store = navigator.locks ? localStorage : sessionStorage;
    const after = store.getItem(key) || "";
    store.setItem(key, me);
    source = new EventSource(`${stream}?page=${me}&after=${after}`);
    source.addEventListener("pops", (event) => take(JSON.parse(event.data)));
    source.addEventListener("out", signedOut);
    source.addEventListener("error", () => {
      // A line that broke is taken up again by the browser. One that was refused is not.
      if (!source || source.readyState !== EventSource.CLOSED) return;
      source = null;
      ask();
      asking = setInterval(ask, ASK_EVERY);
      setTimeout(() => { if (asking) listen(); }, TRY_AGAIN);
    });
  };

  const lead = () => {
    listen();
    if (others) others.onmessage = (event) => { if (event.data === "?" && last) others.postMessage(last); };
    addEventListener("pagehide", leave);
    addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  };

  if (others) {
    others.onmessage = (event) => { if (event.data !== "?") draw(event.data); };
    others.postMessage("?");
  }
  tell(cards());
  markCaller();
  if (navigator.locks) {
    // Held as long as the page lives; the next one in the queue takes over when it goes.
    navigator.locks.request(`house:pops:${user}`, () => new Promise(lead));
  } else {
    // Without locks (a house without TLS) each page that is seen keeps a line of its own.
    const see = () => (document.visibilityState === "visible" ? listen() : leave());
    document.addEventListener("visibilitychange", see);
    addEventListener("pagehide", leave);
    see();
  }
})();
