export const payments = {
  join: { method: 'kubernetes', token: 'payments-bot' },
  namespaces: { names: ['payments'] },
  outputs: { 'payments-id': { tbot: { type: 'identity' } } },
};

/** Values with one bot, and one output of it. */
export function withOutput(tbot: object, beside: object = {}): object {
  return { bots: { payments: { ...payments, outputs: { db: { tbot, ...beside } } } } };
}
