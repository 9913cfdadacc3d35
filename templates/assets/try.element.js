// Small builders. Words of citizens and officers only ever become text, never markup.

/** An element with properties, attributes (data-*, aria-*) and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.includes("-") || name === "role" || name === "for" || name === "list") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const LINK = /https?:\/\/[^\s)]+[^\s).,]/g;

/** A text with its addresses as links. */
export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(LINK)) {
    nodes.push(text.slice(end, found.index));
    nodes.push(make("a", { href: found[0], target: "_blank", rel: "noopener noreferrer", textContent: found[0] }));
    end = found.index + found[0].length;
  }
  nodes.push(text.slice(end));
  return nodes;
}

const clock = new Intl.DateTimeFormat("id-ID", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Jakarta" });

/** "14.30" in Jakarta. */
export const hour = (moment) => clock.format(new Date(moment));
