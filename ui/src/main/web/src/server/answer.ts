/** The API's envelope, taken apart. No network here: see client.ts. */

export interface Answer<T> {
  readonly data: T;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** An error whose text can be shown as it is. */
export class ApiError extends Error {
  /**
   * Upstream's `errorType` (`bad_data`, `execution`, ...), or one of ours where no API answered: `starting`,
   * `stopping`, `unreachable`, `unexpected`.
   */
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

interface Envelope {
  readonly status?: string;
  readonly data?: unknown;
  readonly errorType?: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

/**
 * Data and notices, or an `ApiError`. The body decides before the status does, since errors of the API are JSON
 * as well; a server that is not ready answers 503 with plain text.
 */
export function readAnswer<T>(status: number, body: string, stopping: boolean): Answer<T> {
  const envelope = parse(body);
  if (envelope?.status === 'success') {
    return { data: envelope.data as T, warnings: envelope.warnings ?? [], infos: envelope.infos ?? [] };
  }
  if (envelope?.status === 'error') {
    throw new ApiError(envelope.errorType ?? 'unknown', envelope.error ?? 'The server gave no reason.');
  }
  if (status === 503) {
    throw stopping
      ? new ApiError('stopping', 'The server is stopping.')
      : new ApiError('starting', 'The server is not ready yet.');
  }
  throw new ApiError('unexpected', `Unexpected answer, HTTP ${status}: ${body.trim().slice(0, 300) || 'empty'}`);
}

function parse(body: string): Envelope | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

/** Segment numbers of the write-ahead log to a share of the work; null before the first segment is known. */
export function replayShare(min: number, max: number, at: number): number | null {
  return max <= 0 || max < min ? null : Math.min(1, Math.max(0, (at - min + 1) / (max - min + 1)));
}
