// How a TypeScript program calls Baiyi. Every path, parameter and field below is checked against the generated types.

import createClient, { type Client } from "openapi-fetch";

import type { paths } from "./generated/baiyi";

type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : never;

export type Baiyi = Client<paths>;
export type Credentials = Json<paths["/api/v1/sessions"]["post"]["requestBody"]>;
export type Tender = Json<paths["/api/v1/tenders"]["get"]["responses"][200]>["items"][number];
export type CaseFile = Json<paths["/api/v1/cases/{case_id}"]["get"]["responses"][200]>;

/** What every refusal carries (RFC 9457). */
interface Problem {
  code: string;
  title: string;
  detail?: string | null;
}

/** A refusal as an exception; `code` is stable, the words follow `Accept-Language`. */
export class Refused extends Error {
  readonly code: string;

  constructor({ code, title, detail }: Problem) {
    super(detail ? `${title}: ${detail}` : title);
    this.code = code;
  }
}

/** A client for the server at `baseUrl`, such as `https://procurement.example`. */
export function connect(baseUrl: string): Baiyi {
  return createClient<paths>({ baseUrl, headers: { "Accept-Language": "en" } });
}

/** All public tenders, page by page; needs no account. */
export async function* tenders(baiyi: Baiyi): AsyncGenerator<Tender> {
  let after: string | null | undefined;
  do {
    const { data, error } = await baiyi.GET("/api/v1/tenders", {
      params: { query: { limit: 100, ...(after ? { after } : {}) } },
    });
    if (error) throw new Refused(error);
    yield* data.items;
    after = data.next;
  } while (after);
}

/** Opens a session and sends its access token with every later call. */
export async function logIn(baiyi: Baiyi, credentials: Credentials): Promise<void> {
  const { data, error } = await baiyi.POST("/api/v1/sessions", { body: credentials });
  if (error) throw new Refused(error);
  const { access_token } = data;
  baiyi.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${access_token}`);
    },
  });
}

/** The whole chain of one case, from its need to its outcome. */
export async function caseFile(baiyi: Baiyi, caseId: string): Promise<CaseFile> {
  const { data, error } = await baiyi.GET("/api/v1/cases/{case_id}", { params: { path: { case_id: caseId } } });
  if (error) throw new Refused(error);
  return data;
}
