// Asks the API, by the types of docs/openapi.json, as the person who is logged in or as a guest.

import createClient from 'openapi-fetch';
import { credentials, keep } from './account';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];
export type Room = Schemas['Room'];
/** A room as version 4 of the API shows it, with what is new in its chat. */
export type Conversation = Schemas['Conversation'];
export type Message = Schemas['Message'];
export type Participant = Schemas['Participant'];

/** An answer that is no success, or none at all. */
export class Refusal extends Error {
  constructor(
    /** The HTTP status; 0 when the server was not reached. */
    readonly status: number,
    /** The server's own sentence, if it said one. */
    readonly sentence: string,
    /** The number of the provisioning API. */
    readonly code = status,
  ) {
    super(`${status} ${sentence}`);
  }
}

/** Adds what the server wants to know of every request, and who asks. */
export function identified(headers: Headers): Headers {
  headers.set('OCS-APIRequest', 'true');
  headers.set('Accept', 'application/json');
  // Without it, a browser shows its own password dialogue where a login is missing.
  headers.set('X-Requested-With', 'XMLHttpRequest');
  const authorization = credentials.value;
  if (authorization && !headers.has('Authorization')) headers.set('Authorization', authorization);
  return headers;
}

export const api = createClient<paths>({ baseUrl: location.origin });
api.use({
  onRequest({ request }) {
    identified(request.headers);
    return request;
  },
  onResponse({ request, response }) {
    // The login has ended. One that was given up or followed by another meanwhile is no business of this answer.
    if (response.status === 401 && credentials.value && request.headers.get('Authorization') === credentials.value) {
      keep(undefined);
    }
  },
});

type Envelope = { ocs: { data: unknown } };
type Content<T> = T extends Envelope ? T['ocs']['data'] : never;

/** The content of an answer; a refusal is thrown. */
export async function content<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<Content<T>> {
  let result;
  try {
    result = await answer;
  } catch {
    throw new Refusal(0, '');
  }
  const { data, error, response } = result;
  if (response.ok && data) return (data as unknown as Envelope).ocs.data as Content<T>;
  const meta = (error as { ocs?: { meta?: { message?: string | null; statuscode?: number } } } | undefined)?.ocs?.meta;
  throw new Refusal(response.status, meta?.message ?? '', meta?.statuscode);
}

export const TALK = '/ocs/v2.php/apps/spreed/api/v1';
export const TALK_4 = '/ocs/v2.php/apps/spreed/api/v4';
