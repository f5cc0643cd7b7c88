// Values at the axis, in few characters; tooltips show what the table does.

const compact = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });
const money = new Intl.NumberFormat("en-GB", {
  style: "currency",
  currency: "USD",
  currencyDisplay: "narrowSymbol",
  notation: "compact",
  maximumFractionDigits: 2,
});

/** @type {Record<string, (value: number) => string>} */
const SHOWN = {
  ms: (value) => (value >= 1000 ? `${compact.format(value / 1000)} s` : `${compact.format(value)} ms`),
  share: (value) => `${compact.format(value * 100)} %`,
  usd: (value) => money.format(value),
};

/** @param {string} unit @returns {(value: number) => string} */
export function shown(unit) {
  return SHOWN[unit] ?? ((value) => compact.format(value));
}
