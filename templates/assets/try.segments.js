// How many parts an SMS takes: as bot/gsm.py counts them, with the alphabet that the page was given.

const { basic, extension } = JSON.parse(document.body.dataset.alphabet);
const extended = new Set(extension);
const gsm = new Set(basic + extension);

/** {count, encoding, units}: parts to pay for, gsm7 or ucs2, septets or code units. */
export function segments(text) {
  const signs = [...text];
  const plain = signs.every((sign) => gsm.has(sign));
  const widths = signs.map((sign) => (plain ? (extended.has(sign) ? 2 : 1) : sign.length));
  const units = widths.reduce((sum, width) => sum + width, 0);
  const encoding = plain ? "gsm7" : "ucs2";
  if (units <= (plain ? 160 : 70)) return { count: 1, encoding, units };
  const room = plain ? 153 : 67;
  let count = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > room) {
      count += 1;
      used = 0;
    }
    used += width;
  }
  return { count, encoding, units };
}
