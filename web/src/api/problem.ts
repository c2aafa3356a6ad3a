/** An error answer of the server (RFC 9457), or the failure to reach it (code `offline`). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.name = 'Problem';
  }
}

/** The problem that an answer's body describes; anything else becomes `http_error` with the status. */
export function problemOf(status: number, body: string): Problem {
  try {
    const told: unknown = JSON.parse(body);
    if (isRecord(told) && typeof told.code === 'string') {
      return new Problem(status, told.code, typeof told.detail === 'string' ? told.detail : '', told);
    }
  } catch {
    // Not JSON: a proxy between us and the server answered.
  }
  return new Problem(status, 'http_error', '');
}

export const offline = (): Problem => new Problem(0, 'offline', '');

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
