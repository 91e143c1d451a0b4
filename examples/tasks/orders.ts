import { defineTask, readText, t, UserError } from "flyte-webhook/tasks";

const total = t.struct("CountryTotal", {
  country: t.string(),
  orders: t.int(),
  revenue: t.float(),
});

const SAMPLE = `country,amount
NL,12.50
DE,80.00
NL,7.50
FR,not a number
DE,20.00`;

/** A small nightly job: read orders, drop bad rows, sum by country, write a report. */
export const nightly = defineTask(
  {
    name: "orders.nightly",
    description: "Reads orders from a CSV (a sample unless one is given) and sums them by country.",
    inputs: {
      day: t.datetime().default(new Date("2026-01-01T00:00:00Z")),
      orders: t.optional(t.file("csv")),
    },
    outputs: { totals: t.list(total), rejected: t.int(), report: t.file("csv") },
    retries: 2,
    timeoutMs: 60_000,
  },
  async ({ day, orders }, { log, signal, writeFile }) => {
    const text = orders === null ? SAMPLE : await readText(orders, { signal });
    const { good, rejected } = parseOrders(text);
    const totals = sumByCountry(good);
    log.info("summed", { day: day.toISOString(), countries: totals.length, rejected });
    const lines = totals.map(({ country, orders: n, revenue }) => `${country},${n},${revenue}`);
    const report = await writeFile("report.csv", `country,orders,revenue\n${lines.join("\n")}\n`);
    return { totals, rejected, report };
  },
);

interface Order {
  readonly country: string;
  readonly amount: number;
}

function parseOrders(text: string): { good: Order[]; rejected: number } {
  const [header, ...rows] = text.trim().split(/\r?\n/);
  if (header !== "country,amount") {
    throw new UserError(`The header must be country,amount, not ${header}.`, { retryable: false });
  }
  const parsed = rows.map((row): Order => {
    const [country = "", amount = ""] = row.split(",");
    return { country, amount: Number(amount) };
  });
  const good = parsed.filter(({ country, amount }) => country !== "" && Number.isFinite(amount));
  return { good, rejected: parsed.length - good.length };
}

function sumByCountry(orders: readonly Order[]) {
  const totals = new Map<string, { country: string; orders: number; revenue: number }>();
  for (const { country, amount } of orders) {
    const sum = totals.get(country) ?? { country, orders: 0, revenue: 0 };
    totals.set(country, { country, orders: sum.orders + 1, revenue: sum.revenue + amount });
  }
  return [...totals.values()].sort((a, b) => a.country.localeCompare(b.country));
}
