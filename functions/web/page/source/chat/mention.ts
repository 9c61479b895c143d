// Completes the name that somebody begins to type after an `@`.

import { useEffect, useState } from 'preact/hooks';
import { api, content, type Schemas, TALK } from '../api/client';
import { mentionOf } from './words';

export type Candidate = Schemas['Candidate'];

const TYPING_MILLISECONDS = 200;
const MOST_CANDIDATES = 8;
/** An `@` and the beginning of a name. Inside a word, as in a mail address, an `@` mentions nobody. */
const BEGINNING = /(^|[^\p{L}\p{N}])@"?([^\s@"]*)$/u;

/** The beginning of a name in front of the caret, if there is one. */
export function begunIn(text: string, caret: number): string | undefined {
  return BEGINNING.exec(text.slice(0, caret))?.[2];
}

/** The text with the beginning completed, and the caret after the name. */
export function withMention(text: string, caret: number, { mentionId }: Candidate): { text: string; caret: number } {
  const before = text.slice(0, caret).replace(BEGINNING, '$1') + `${mentionOf(mentionId)} `;
  return { text: before + text.slice(caret).replace(/^ /, ''), caret: before.length };
}

/** The members whose names match a search; nobody while there is no search. */
export function useCandidates(token: string, search: string | undefined): Candidate[] {
  const [found, setFound] = useState<{ search: string; candidates: Candidate[] }>();
  useEffect(() => {
    if (search === undefined) return;
    const stop = new AbortController();
    const ask = async () => {
      const params = { path: { token }, query: { search, limit: MOST_CANDIDATES } };
      const candidates = await content(api.GET(`${TALK}/chat/{token}/mentions`, { params, signal: stop.signal })).catch(() => []);
      if (!stop.signal.aborted) setFound({ search, candidates });
    };
    const timer = setTimeout(() => void ask(), search ? TYPING_MILLISECONDS : 0);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [token, search]);
  return search !== undefined && found?.search === search ? found.candidates : [];
}
