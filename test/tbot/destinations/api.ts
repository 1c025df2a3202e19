/** One request to the API server; its answer parsed where it is JSON. Throws where there is no answer. */
export type Api = (
  method: string,
  path: string,
  body?: unknown,
  contentType?: string,
) => Promise<{ readonly status: number; readonly body: unknown }>;
