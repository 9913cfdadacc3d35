// The officer's desk: the reports of this visitor, and the steps that can be taken with each now.

import { hour, make } from "./try.element.js";
import { ask, attempt, fill, send, tell, words } from "./try.server.js";

const day = new Intl.DateTimeFormat(words.locale, { day: "numeric", month: "short", timeZone: "Asia/Jakarta" });
const PHONES = { sms: "SMS", telegram: "Telegram", whatsapp: "WhatsApp" };
const NEEDS_NOTE = new Set(["archive", "not-ours"]);

export class Office {
  constructor(list, empty) {
    this.list = list;
    this.empty = empty;
    this.opened = null;
    this.reports = [];
    this.dossiers = {};
  }

  /** Take over the reports of a state; ask the core only when something has happened to them. */
  async update(reports) {
    const seen = JSON.stringify(reports.map(({ id, version, ticket, current }) => [id, version, ticket, current]));
    if (seen === this.seen) return false;
    const fresh = this.seen !== undefined;
    this.seen = seen;
    this.reports = reports;
    const newest = reports.find((report) => report.ticket && report.current);
    if (newest && !reports.some((report) => report.ticket === this.opened && report.current)) this.opened = newest.ticket;
    await attempt(async () => {
      const { by_ticket, away } = await ask("/try/reports");
      this.dossiers = by_ticket;
      if (away && reports.some((report) => report.ticket)) tell(words.office_away);
    });
    this.#draw();
    return fresh;
  }

  #draw() {
    const focused = document.activeElement?.closest?.("[data-step]")?.dataset.step;
    const drafts = new Map([...this.list.querySelectorAll("form")].map((form) => [form.dataset.form, form]));
    this.empty.hidden = this.reports.length > 0;
    this.list.replaceChildren(...this.reports.map((report) => this.#file(report, drafts)));
    if (focused) this.list.querySelector(`.open [data-step="${focused}"]`)?.focus();
  }

  #file(report, drafts) {
    const dossier = this.dossiers[report.ticket];
    const isOpen = report.ticket !== null && report.ticket === this.opened;
    const status = dossier?.status ?? report.status;
    const number = report.ticket ? fill(words.tickets, report.ticket) : words.unticketed;
    const marks = [
      words.kinds[report.kind],
      report.confidential && words.confidential,
      report.anonymous && words.anonymous,
      !report.current && words.earlier,
    ];
    const head = make(
      "button",
      { type: "button", className: "file-head", "aria-expanded": String(isOpen), disabled: !dossier },
      make("span", { className: "line" }, make("b", { textContent: number }), make("span", { className: `pill ${status}`, textContent: words.statuses[status] })),
      make("span", { className: "title", textContent: report.title }),
      make("span", { className: "meta", textContent: [PHONES[report.phone], hour(report.submitted_at), ...marks].filter(Boolean).join(" · ") }),
    );
    head.addEventListener("click", () => {
      this.opened = isOpen ? null : report.ticket;
      this.#draw();
    });
    const item = make("li", { className: isOpen ? "file open" : "file" }, head);
    if (isOpen && dossier) item.append(this.#dossier(dossier, report.place, drafts));
    return item;
  }

  #dossier(dossier, place, drafts) {
    const { report, due, lacks, history } = dossier;
    const where = [report.location.text, place, report.location.lat !== null ? `${report.location.lat.toFixed(4)}, ${report.location.lon.toFixed(4)}` : ""];
    const facts = [
      [words.body, report.body],
      [words.where, where.filter(Boolean).join(" · ")],
      [words.when, report.occurred_on && day.format(new Date(report.occurred_on))],
      [words.reporter, report.reporter ? report.reporter.name || words.nameless : words.anonymous],
      [words.evidence, report.attachments.length ? fill(words.files, report.attachments.length) : null],
      ...Object.entries(due).map(([name, last]) => [words.due[name], last && day.format(new Date(last))]),
    ];
    const shown = facts.filter(([, value]) => value).flatMap(([name, value]) => [make("dt", { textContent: name }), make("dd", { textContent: value })]);
    const check = lacks.length ? fill(words.lacks, lacks.map((name) => words.fields[name]).join(", ")) : dossier.verified ? words.verified : words.complete;
    return make(
      "div",
      { className: "dossier" },
      make("dl", {}, ...shown),
      make("p", { className: lacks.length ? "check lacking" : "check", textContent: check }),
      this.#steps(dossier, drafts),
      this.#history(history),
    );
  }

  #steps(dossier, drafts) {
    const place = make("div", { className: "form-place" });
    const kept = drafts.get(`${dossier.ticket} ${this.step}`);
    const buttons = dossier.steps.map((step) => {
      const button = make("button", { type: "button", textContent: words.steps[step], "data-step": step, "aria-expanded": "false" });
      button.addEventListener("click", () => {
        const same = button.getAttribute("aria-expanded") === "true";
        for (const each of buttons) each.setAttribute("aria-expanded", "false");
        this.step = same ? null : step;
        button.setAttribute("aria-expanded", String(!same));
        place.replaceChildren(...(same ? [] : [this.#form(dossier.ticket, step)]));
        place.querySelector("input, textarea, button")?.focus();
      });
      return button;
    });
    if (kept && dossier.steps.includes(this.step)) {
      place.append(kept);
      buttons.find((button) => button.dataset.step === this.step).setAttribute("aria-expanded", "true");
    }
    return make("div", { className: "steps" }, make("div", { className: "step-buttons" }, ...buttons), place);
  }

  #form(ticket, step) {
    const fields = {
      verify: () => [box("field_check", words.field_check)],
      dispose: () => [line("agency", words.agency, { list: "agencies", required: true }), area("note", words.note)],
      postpone: () => [missing(), area("note", words.note, words.suggest.postpone)],
      ask: () => [area("text", words.text, words.suggest.ask, true)],
      answer: () => [area("text", words.text, words.suggest.answer, true), box("wants_answer", words.wants_answer)],
    };
    const parts = fields[step]?.() ?? [area("note", words.note, words.suggest[step] ?? "", NEEDS_NOTE.has(step))];
    const take = make("button", { className: "primary", textContent: `${words.take}: ${words.steps[step]}` });
    const form = make("form", { "data-form": `${ticket} ${step}` }, ...parts, take);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      take.disabled = true;
      const data = new FormData(form);
      const said = Object.fromEntries([...data].filter(([name, value]) => name !== "missing" && value !== ""));
      for (const name of ["field_check", "wants_answer"]) if (name in said) said[name] = true;
      if (data.has("missing")) said.missing = data.getAll("missing");
      const done = await attempt(async () => {
        this.dossiers[ticket] = await send(`/try/reports/${ticket}/${step}`, said);
      });
      take.disabled = false;
      if (done) {
        this.step = null;
        tell(words.taken);
        this.#draw();
        this.list.querySelector(".open .file-head")?.focus();
      }
    });
    return form;
  }

  #history(history) {
    if (!history.length) return null;
    const lines = [...history].reverse().map((entry) => {
      const who = words.by[entry.by] ?? entry.by;
      const said = entry.words.text ?? entry.words.note ?? entry.words.agency ?? entry.words.reason ?? "";
      const what = entry.action === "Dispose" ? entry.words.agency : said;
      const did = `${who} ${words.actions[entry.action] ?? entry.action}`;
      return make("li", {}, make("time", { textContent: `${day.format(new Date(entry.at))} ${hour(entry.at)}` }), make("b", { textContent: did }), what ? make("span", { textContent: what }) : null);
    });
    return make("section", { className: "history" }, make("h3", { textContent: words.history }), make("ol", {}, ...lines));
  }
}

const line = (name, label, more) => make("label", {}, make("span", { textContent: label }), make("input", { name, autocomplete: "off", ...more }));

const area = (name, label, value = "", required = false) =>
  make("label", {}, make("span", { textContent: label }), make("textarea", { name, rows: 3, value, required }));

const box = (name, label) => make("label", { className: "box-line" }, make("input", { type: "checkbox", name }), make("span", { textContent: label }));

function missing() {
  const boxes = Object.entries(words.fields).map(([name, label]) => {
    const input = make("input", { type: "checkbox", name: "missing", value: name, checked: name === "location" });
    return make("label", { className: "box-line" }, input, make("span", { textContent: label }));
  });
  return make("fieldset", {}, make("legend", { textContent: words.missing }), ...boxes);
}
