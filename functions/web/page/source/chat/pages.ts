// Reads a chat page by page. No request waits for a message, because a function that waits costs as much as one that works.

import { api, content, type Message, Refusal, TALK } from '../api/client';

/** The most messages that the server gives at once. */
export const LONGEST_PAGE = 200;

export interface Page {
  messages: Message[];
  /** The last message that the server gave or skipped; the next page begins after it. */
  last: number;
}

/** The messages before a known one, the latest first; without a known one, the latest of all. */
export const pageBefore = (token: string, known: number, limit: number, signal: AbortSignal) =>
  page(token, { lookIntoFuture: 0, lastKnownMessageId: known, limit }, signal);

/** The messages after a known one. To ask for them does not mark anything as read: nobody may have seen it yet. */
export const pageAfter = (token: string, known: number, signal: AbortSignal) =>
  page(token, { lookIntoFuture: 1, lastKnownMessageId: known, limit: LONGEST_PAGE, timeout: 0, setReadMarker: 0 }, signal);

interface Query { lookIntoFuture: number; lastKnownMessageId: number; limit: number; timeout?: number; setReadMarker?: number }

async function page(token: string, query: Query, signal: AbortSignal): Promise<Page> {
  const asked = api.GET(`${TALK}/chat/{token}`, { params: { path: { token }, query }, signal });
  try {
    const messages = await content(asked);
    const last = Number((await asked).response.headers.get('X-Chat-Last-Given')) || messages.at(-1)?.id || query.lastKnownMessageId;
    return { messages, last };
  } catch (cause) {
    if (cause instanceof Refusal && cause.status === 304) return { messages: [], last: query.lastKnownMessageId };
    throw cause;
  }
}
