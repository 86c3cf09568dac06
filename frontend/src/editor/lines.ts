/** The two lines over which a desk is asked: HTTP to the service, and messages to the kernel of a notebook. */

import { Unreachable, type Answer, type Does, type Line } from "./port.ts";

/** Whoever has not answered by then does not. */
const ANSWER_S = 30;

export class HttpLine implements Line {
  constructor(
    private readonly url: string,
    private readonly author: string,
    private readonly fetch: typeof globalThis.fetch,
  ) {}

  async ask(does: Does, values: Readonly<Record<string, unknown>>, leaving = false): Promise<Answer> {
    const { path, method, headers, body } = this.request(does, values);
    const written = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers } };
    const init: RequestInit = { method, cache: "no-store", credentials: "same-origin", keepalive: leaving, ...(leaving ? {} : { signal: AbortSignal.timeout(ANSWER_S * 1000) }), ...written };
    let response: Response;
    try {
      response = await this.fetch(`${this.url}${path}?author=${encodeURIComponent(this.author)}`, init);
    } catch {
      throw new Unreachable("The service does not answer");
    }
    const text = await response.text().catch(() => "");
    return { status: response.status, body: parsed(text) };
  }

  private request(does: Does, values: Readonly<Record<string, unknown>>): { path: string; method: string; headers?: Record<string, string>; body?: unknown } {
    const { parent, number, ...rest } = values;
    if (does === "save") return { path: "", method: "PUT", headers: parent === null ? { "If-None-Match": "*" } : { "If-Match": `"${String(parent)}"` }, body: rest };
    if (does === "open") return { path: "", method: "GET" };
    if (does === "draft") return { path: "/draft", method: "PUT", body: rest };
    if (does === "history") return { path: "/history", method: "GET" };
    if (does === "revision") return { path: `/revisions/${String(number)}`, method: "GET" };
    if (does === "restore") return { path: "/restore", method: "POST", body: { number } };
    return { path: "/presence", method: "POST", body: does === "leave" ? { leave: true } : {} };
  }
}

export interface WidgetModel {
  send(content: unknown): void;
  on(event: "msg:custom", listener: (content: unknown) => void): void;
}

export class WidgetLine implements Line {
  private last = 0;
  private readonly open = new Map<number, (answer: Answer) => void>();

  constructor(private readonly model: WidgetModel) {
    model.on("msg:custom", (content) => {
      const { id, status, body } = content as { id?: number; status?: number; body?: unknown };
      if (id === undefined || status === undefined) return;
      this.open.get(id)?.({ status, body });
      this.open.delete(id);
    });
  }

  ask(does: Does, values: Readonly<Record<string, unknown>>, leaving = false): Promise<Answer> {
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      const gone = (): void => {
        this.open.delete(id);
        reject(new Unreachable("The kernel does not answer: is it running?"));
      };
      try {
        this.model.send({ id, do: does, ...values });
      } catch {
        return gone();
      }
      if (leaving) return resolve({ status: 202, body: null });
      const timer = setTimeout(gone, ANSWER_S * 1000);
      this.open.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }
}

function parsed(text: string): unknown {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return { detail: text.slice(0, 200) };
  }
}
