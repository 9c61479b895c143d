// Somebody logs in.

import { useState } from 'preact/hooks';
import { Refusal } from '../api/client';
import { logIn } from '../api/login';
import { Field } from '../parts/Field';
import { t } from '../text';
import { inWords } from '../text/failure';

export function Login({ done }: { done?(): void }) {
  const [id, setId] = useState('');
  const [password, setPassword] = useState('');
  const [complaint, setComplaint] = useState('');
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setComplaint('');
    try {
      await logIn(id.trim(), password);
      done?.();
    } catch (cause) {
      setComplaint(cause instanceof Refusal && cause.status === 401 ? t('login.wrong') : inWords(cause));
      setBusy(false);
    }
  };
  return (
    <form class="card narrow" onSubmit={submit}>
      <h1>{t('login')}</h1>
      <Field label={t('login.id')} value={id} change={setId} name="username" autocomplete="username" autocapitalize="none" required />
      <Field label={t('login.password')} value={password} change={setPassword} type="password" name="password"
        autocomplete="current-password" complaint={complaint} required />
      <button class="main wide" disabled={isBusy}>{isBusy ? t('login.busy') : t('login')}</button>
      <p class="hint">{t('login.hint')}</p>
    </form>
  );
}
