// The service's API.

const PLACE = "cameo-token";

export class Refused extends Error {
  constructor(code, detail) {
    super(detail);
    this.code = code;
  }
}

// Kept for this tab only: another person at the same machine does not find it. Where the browser
// lets nothing be kept, it lasts as long as the page.
let held = null;

function keep(work) {
  try {
    work(sessionStorage);
  } catch (error) {
    if (error.name !== "SecurityError") throw error;
  }
}

keep((storage) => (held = storage.getItem(PLACE)));

export const token = {
  get: () => held,
  set(value) {
    held = value;
    keep((storage) => storage.setItem(PLACE, value));
  },
  clear() {
    held = null;
    keep((storage) => storage.removeItem(PLACE));
  },
};

export async function call(method, path, body) {
  const headers = {};
  if (token.get()) headers.Authorization = `Bearer ${token.get()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/v1${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
    });
  } catch {
    throw new Refused("service.unreachable", "");
  }
  const read = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(read.code ?? "request.failed", read.detail ?? "");
  return read;
}
