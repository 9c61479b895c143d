// People and groups whose names have a part in common with what somebody types.

import { useEffect, useState } from 'preact/hooks';
import { api, content } from '../api/client';

export interface Found { id: string; label: string; source: string }

/** A pause in typing after which the server is asked. */
const TYPING_MILLISECONDS = 250;
const KINDS = { users: '0', groups: '1' } as const;
export type Kind = keyof typeof KINDS;

/** Those who were found last, unless the server could not be asked; `isWanted` says whether it is asked at all. */
export function useFound(search: string, kind: Kind, limit: number, isWanted = true) {
  const [found, setFound] = useState<Found[]>();
  const [failure, setFailure] = useState<unknown>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!isWanted) return;
    const stop = new AbortController();
    const ask = async () => {
      const params = { query: { search, limit, 'shareTypes[]': [KINDS[kind]] } };
      try {
        const answer = await content(api.GET('/ocs/v2.php/core/autocomplete/get', { params, signal: stop.signal }));
        if (stop.signal.aborted) return;
        setFound(answer);
        setFailure(undefined);
      } catch (cause) {
        if (!stop.signal.aborted) setFailure(cause);
      }
    };
    const timer = setTimeout(() => void ask(), search ? TYPING_MILLISECONDS : 0);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [search, kind, limit, isWanted, round]);
  return { found, failure, again: () => setRound((count) => count + 1) };
}
