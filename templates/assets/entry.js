// What makes entering a report quicker: the message is read as it is pasted, areas appear as one types, the ticket as it comes.

const form = document.querySelector("form[data-entry]");
const waiting = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// The form as it is now, but for its files: those go with the button that sends it.
function typed(more) {
  const data = new FormData(form);
  data.delete("files");
  for (const [name, value] of Object.entries(more)) data.set(name, value);
  return data;
}

async function page(address, options) {
  const answer = await fetch(address, options);
  if (answer.redirected || ![200, 422].includes(answer.status)) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// What stands in a part of the page, so that a late answer is not put over what has been done meanwhile.
const values = (part) => JSON.stringify([...part.querySelectorAll("input, select")].map((each) => [each.name, each.value, each.checked]));

const PARTS = ["#emergency", "[data-part=kind]", "#areas", "[data-part=day]", "[data-part=category]", "[data-part=wishes]"];
const snapshot = (parts) => new Map(parts.map((part) => [part, values(document.querySelector(part))]));

// Parts are exchanged for those of another page, but for those that somebody is in or has changed.
function exchange(from, seen) {
  for (const [part, before] of seen) {
    const old = document.querySelector(part);
    if (!old.contains(document.activeElement) && values(old) === before) old.replaceWith(from.querySelector(part));
  }
}

let reading = 0;
async function readMessage() {
  const mine = ++reading;
  const seen = snapshot(PARTS);
  try {
    const read = await page(form.action, { method: "POST", body: typed({ do: "read" }), headers: { "X-Fragment": "1" } });
    if (mine === reading) exchange(read, seen);
    return true;
  } catch {
    return mine !== reading; // a later reading speaks for itself
  }
}

// Nobody has asked for this reading, so nobody would ask again when it fails.
async function readUnasked() {
  let newest = reading;
  for (const pause of [0, 1000, 3000, 9000]) {
    await waiting(pause);
    if (reading !== newest || await readMessage()) return;
    newest = reading;
  }
}

let asking = 0;
async function offerAreas() {
  const mine = ++asking;
  await waiting(150);
  if (mine !== asking) return;
  const seen = snapshot(["#areas"]);
  try {
    const offered = await page(form.dataset.places, { method: "POST", body: new URLSearchParams(typed({})) });
    if (mine !== asking) return;
    exchange(offered, seen);
    const told = document.getElementById("areas-told");
    told.textContent = told.dataset.words.replace("{n}", document.querySelectorAll("#areas label").length);
  } catch { /* the next letter asks again */ }
}

if (form) {
  const text = form.elements.text;
  text.addEventListener("paste", readUnasked);
  text.addEventListener("change", readUnasked);
  form.addEventListener("input", (event) => {
    if (event.target.name === "place") offerAreas();
    if (event.target.name === "phone" && event.target.value) form.querySelector("[name=hears][value=phone]").checked = true;
  });
  form.addEventListener("change", (event) => {
    event.target.closest(".field, .tick")?.querySelector(".tag.read")?.remove();
    if (event.target.name === "files") {
      const limit = Number(event.target.dataset.bytes);
      document.getElementById("files-large").hidden = ![...event.target.files].some((file) => file.size > limit);
    }
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value === "read" && !form.elements.files.files.length) {
      event.preventDefault();
      readMessage().then((done) => done || form.submit()); // the page itself then says what is wrong; without the button nothing is filed
    } else if (form.dataset.sent) event.preventDefault();
    else form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { delete form.dataset.sent; });
  document.getElementById("wrong")?.focus();
}

// On the page of what was filed, copying is what comes next.
document.querySelector("button[data-copy=reply]")?.focus();

// The ticket comes a moment after the receipt, or much later: asked for ever less often.
(async () => {
  for (let pause = 1000; document.querySelector("[data-waiting]"); pause = Math.min(pause * 1.3, 30000)) {
    await waiting(pause);
    try {
      const now = await page(location.href);
      if (now.querySelector("[data-waiting]")) continue;
      exchange(now, snapshot(["#ticket", "#length"]));
      document.getElementById("reply").value = now.getElementById("reply").value;
    } catch { /* the network is away: later */ }
  }
})();
