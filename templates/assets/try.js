// The simulator's page: connects phones, desk, clock and cases with what the server tells.

import { Office } from "./try.office.js";
import { Phone } from "./try.phone.js";
import { attempt, fill, listen, send, tell, words } from "./try.server.js";
import { Drawer } from "./try.stored.js";

const byId = (id) => document.getElementById(id);
const stage = byId("stage");
const state = { citizen: null, case: "", templates: false, ahead: 0, window: null, held: 0, reached: new Set() };

// ---- phones and desk

const phones = Object.fromEntries([...document.querySelectorAll("[data-phone]")].map((root) => [root.dataset.phone, new Phone(root, choosePlace)]));
const office = new Office(byId("reports"), byId("no-reports"));
const drawer = new Drawer(byId("stored"));
let current = "telegram";

for (const phone of Object.values(phones)) phone.root.addEventListener("focusin", () => (current = phone.name));
byId("open-stored").addEventListener("click", () => drawer.open(current));

function choosePlace() {
  const dialog = byId("place");
  const { lat, lon } = dialog.querySelector("form").elements;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "send" ? { lat: Number(lat.value), lon: Number(lon.value) } : null), { once: true });
  });
}

for (const preset of document.querySelectorAll("#place [data-lat]")) {
  preset.addEventListener("click", () => {
    const { lat, lon } = preset.form.elements;
    lat.value = preset.dataset.lat;
    lon.value = preset.dataset.lon;
  });
}

// ---- a new citizen, and the cases

async function renew(wish) {
  const begun = await attempt(() => send("/try/citizen", { case: state.case, templates: state.templates, ...wish }));
  if (begun) tell(words.fresh_done);
  return begun;
}

byId("fresh").addEventListener("click", () => renew({ case: "" }));
byId("templates").addEventListener("change", async (event) => {
  if (!(await renew({ templates: event.target.checked }))) event.target.checked = state.templates;
});

const cases = [...document.querySelectorAll("[data-case]")];

function openCase(id) {
  for (const each of cases) {
    const open = each.dataset.case === id;
    each.classList.toggle("open", open);
    each.querySelector(".case-open").setAttribute("aria-expanded", String(open));
    each.querySelector(".case-body").hidden = !open;
  }
}

for (const each of cases) {
  const id = each.dataset.case;
  each.querySelector(".case-open").addEventListener("click", () => openCase(each.classList.contains("open") ? null : id));
  each.querySelector("[data-begin]").addEventListener("click", () => renew({ case: id }));
  const typing = each.querySelector("[data-type]");
  typing.addEventListener("click", () => {
    reveal(`phone-${typing.dataset.type}`);
    phones[typing.dataset.type].type(typing.dataset.text);
  });
}

function tick() {
  for (const each of cases) {
    const begun = each.dataset.case === state.case;
    each.classList.toggle("begun", begun);
    for (const line of each.querySelectorAll("[data-check]")) {
      const done = begun && state.reached.has(line.dataset.check);
      line.classList.toggle("done", done);
      const said = line.querySelector("[data-done]");
      said.dataset.open ??= said.textContent;
      said.textContent = done ? words.done : said.dataset.open;
    }
  }
}

// ---- the clock

const full = new Intl.DateTimeFormat(words.locale, { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "Asia/Jakarta" });
const now = () => Date.now() + state.ahead * 1000;

function length(seconds) {
  const minutes = Math.max(0, Math.round(seconds / 60));
  const days = minutes > 1440 ? Math.floor(minutes / 1440) : 0;
  const hours = Math.floor((minutes - days * 1440) / 60);
  const parts = [];
  if (days) parts.push(fill(words.days, days));
  if (hours) parts.push(fill(words.hours, hours));
  if (!days && (minutes % 60 || !hours)) parts.push(fill(words.minutes, minutes % 60));
  return parts.join(" ");
}

function showTime() {
  byId("now").textContent = `${full.format(now())} ${words.zone}`;
  byId("now").dateTime = new Date(now()).toISOString();
  byId("ahead").hidden = !state.ahead;
  byId("ahead").textContent = fill(words.ahead, length(state.ahead));
  showWindow();
}

function showWindow() {
  const strip = document.querySelector("[data-window]");
  const left = state.window ? (new Date(state.window) - now()) / 1000 : null;
  strip.classList.toggle("closed", left !== null && left <= 0);
  let text = left === null ? words.window_none : left > 0 ? fill(words.window_open, length(left)) : words.window_closed;
  if (state.held) text += `. ${fill(words.held, state.held)}`;
  if (strip.textContent !== text) strip.textContent = text;
}

for (const leap of document.querySelectorAll("[data-leap]")) {
  leap.addEventListener("click", async () => {
    leap.disabled = true;
    await attempt(() => send("/try/clock", { by: leap.dataset.leap }));
    leap.disabled = false;
  });
}
setInterval(showTime, 5000);

// ---- one panel at a time on a small screen

const tabs = [...document.querySelectorAll("[data-tab]")];
const narrow = matchMedia("(max-width: 1099px)");

function reveal(id) {
  if (narrow.matches) stage.scrollTo({ left: byId(id).offsetLeft, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

function here() {
  const middle = stage.scrollLeft + stage.clientWidth / 2;
  return tabs.find((tab) => {
    const panel = byId(tab.dataset.tab);
    return panel.offsetLeft <= middle && middle < panel.offsetLeft + panel.offsetWidth;
  });
}

function markTab() {
  const now = here();
  for (const tab of tabs) {
    if (tab === now) {
      tab.setAttribute("aria-current", "true");
      tab.querySelector(".dot").hidden = true;
    } else tab.removeAttribute("aria-current");
  }
}

function news(id) {
  const tab = tabs.find((each) => each.dataset.tab === id);
  if (narrow.matches && tab !== here()) tab.querySelector(".dot").hidden = false;
}

for (const tab of tabs) {
  tab.addEventListener("click", (event) => {
    event.preventDefault();
    reveal(tab.dataset.tab);
  });
}
stage.addEventListener("scroll", markTab, { passive: true });

// ---- what the server tells

function onMessage(message) {
  phones[message.phone].show(message);
  state.reached.add("said");
  if (!message.said) {
    for (const line of document.querySelectorAll('[data-check^="heard:"]')) {
      if (message.text.includes(line.dataset.check.slice(6))) state.reached.add(line.dataset.check);
    }
    news(`phone-${message.phone}`);
  }
  tick();
}

async function onState(told) {
  if (told.citizen !== state.citizen) {
    for (const phone of Object.values(phones)) phone.clear();
    state.reached.clear();
    if (told.case) openCase(told.case);
  }
  Object.assign(state, { citizen: told.citizen, case: told.case, templates: told.templates, ahead: told.ahead_seconds, window: told.window, held: told.held });
  for (const fact of told.facts) state.reached.add(fact);
  if (told.held) state.reached.add("held");
  byId("templates").checked = told.templates;
  showTime();
  tick();
  if (await office.update(told.reports)) news("office");
}

showTime();
listen(onMessage, onState);
