// Kaikaku's staff pages in the browser. Every page works without this file; it saves while typing, counts, shows the
// printed page live, draws the month chart and warns before a session ends. It stores nothing in the browser.
(() => {
  'use strict';
  const one = (query, within = document) => within.querySelector(query);
  const all = (query, within = document) => [...within.querySelectorAll(query)];
  const byId = id => document.getElementById(id);
  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  };
  // A live region speaks whenever its text is set, so equal text is left alone.
  const say = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };
  const post = (address, body, more) => fetch(address, { method: 'POST', headers: { Accept: 'application/json' }, body, ...more });
  const form = one('form[data-autosave]');
  const content = () => new URLSearchParams(new FormData(form));
  const spoken = make('p', { class: 'visually-hidden', role: 'status' });
  document.documentElement.classList.add('js');
  document.body.append(spoken);

  // ---- composition: an IME's Enter belongs to the IME, and unfinished text is neither sent nor touched
  let composing = false;
  addEventListener('compositionstart', () => { composing = true; }, true);
  addEventListener('compositionend', event => { composing = false; if (form?.contains(event.target)) edited(event.target); }, true);
  addEventListener('keydown', event => {
    if (event.key !== 'Enter' || !event.target.matches('input')) return;
    // Safari ends the composition before its Enter arrives; 229 still tells.
    if (composing || event.isComposing || event.keyCode === 229) event.preventDefault();
    else if (event.target.form === form && form) { event.preventDefault(); save(); }
  }, true);

  // ---- saving: one request at a time; `edits` counts changes, `kept` those that the server has
  let edits = 0, kept = 0, refused = -1, failures = 0, stopped = '', since = 0, timer, running = null;
  const status = one('[data-saved]');
  const unsaved = () => edits !== kept;
  const tell = (text, bad) => { say(status, text); status?.toggleAttribute('data-bad', !!bad); };

  function banner(text, link, address, tab) {
    one('[data-banner]')?.remove();
    if (!text) return;
    const box = make('div', { class: 'notice bad', role: 'alert', 'data-banner': '' }, make('p', {}, text));
    if (link) box.append(make('p', {}, make('a', tab ? { href: address, target: '_blank' } : { href: address }, link)));
    (one('.actions') || one('main')).prepend(box);
  }
  function later(wait) {
    clearTimeout(timer);
    // Someone who never pauses is saved every ten seconds all the same.
    timer = setTimeout(save, wait ?? Math.max(0, Math.min(1200, since + 10000 - Date.now())));
  }
  function edited(field) {
    if (!unsaved()) since = Date.now();
    edits += 1;
    show(field);
    if (!composing && !stopped) { later(failures ? undefined : null); drawSoon(); }
  }
  function save() {
    if (running) return running;
    if (!form || !unsaved() || stopped || composing || refused === edits) return Promise.resolve(!form || !unsaved());
    running = send().finally(() => { running = null; if (unsaved() && !stopped && !failures && refused !== edits) later(); });
    return running;
  }
  async function send(again) {
    clearTimeout(timer);
    const sent = edits, body = content();
    let answer = { status: 0 }, data = {};
    try {
      // A request that outlives the page may carry 64 KB at most.
      answer = await post(form.getAttribute('action'), body, { keepalive: String(body).length < 6e4 });
      data = await answer.json();
    } catch { /* no connection, or an answer without JSON */ }
    if (answer.ok && data.version !== undefined) {
      kept = sent; failures = 0; refused = -1;
      all('input[name=seen]').forEach(input => { input.value = data.version; });
      complain([]);
      if (!form.dataset.preview) warn(data.warnings || []);
      tell(`${data.saved} 下書き保存`);
      banner();
    } else if (answer.status === 401 || answer.status === 403) {
      if (answer.status === 403 && !again && await renewToken()) return send(true);
      signIn(data.sign_in, data.message);
    } else if (answer.status === 409) {
      if (edits !== sent && !again) return send(true); // what was typed meanwhile is kept on the server too
      conflict(data, sent);
    } else if (answer.status === 422) {
      refused = sent; failures = 0;
      complain(data.errors || []);
      tell('保存できていません。エラーの欄を直してください。', true);
    } else if ([404, 413, 423].includes(answer.status)) {
      stopped = 'closed';
      tell('保存できていません', true);
      banner(data.message || 'この調書には保存できません。入力した文章は画面に残っています。必要なら写し取ってから、ホームに戻ってください。', 'ホームに戻る', '/');
    } else {
      failures += 1;
      tell(`保存できていません。${data.message || 'つながり次第、自動でもう一度保存します。'}`, true);
      later(Math.min(30, 1.5 * 2 ** failures) * 1000);
    }
    return !unsaved();
  }
  function conflict(data, sent) {
    stopped = 'conflict'; kept = edits = sent;
    tell('あなたの文章を別に保存しました');
    banner(data.message || 'ほかの人が先に保存しました。あなたの文章はサーバーに残してあります。', '二つの文章を見比べて選ぶ', data.conflict);
    all('textarea, input', form).forEach(field => { field.readOnly = true; });
  }
  function signIn(address, message) {
    stopped = 'session';
    tell('保存できていません', true);
    banner(`${message || 'サインインの期限が切れました。'}入力した文章はこの画面に残っています。別のタブでサインインして、このタブに戻ると保存します。`, 'サインインする（別のタブ）',
      address || `/session/new?next=${encodeURIComponent(location.pathname)}`, true);
  }
  async function resume() {
    if (document.hidden) return;
    if (stopped === 'session' && await renewToken()) { stopped = ''; banner(); save(); }
    else if (failures) save();
  }
  addEventListener('focus', resume);
  addEventListener('online', resume);
  document.addEventListener('visibilitychange', () => { if (document.hidden) save(); else resume(); });

  const name = field => field.name || field.id;
  const fieldOf = key => byId(key) || one(`[name="${CSS.escape(key)}"]`);
  function complain(errors) {
    all('[id$="-error"]', form).forEach(place => {
      const key = place.id.slice(0, -6), found = errors.filter(error => error.field === key);
      say(place, found.map(error => error.message).join(' '));
      place.closest('.field')?.classList.toggle('wrong', found.length > 0);
      const field = fieldOf(key);
      if (field?.matches('input, select, textarea')) field.toggleAttribute('aria-invalid', found.length > 0);
      if (found.length && field) field.setAttribute('aria-invalid', 'true');
    });
    const homeless = errors.filter(error => !byId(`${error.field}-error`));
    if (errors.length) banner(homeless.map(error => error.message).join(' '));
  }
  function warn(warnings) {
    const places = all('[id$="-warning"]', form), home = key => byId(`${key}-warning`) || byId('form-warning');
    places.forEach(place => say(place, warnings.filter(each => home(each.field) === place).map(each => each.message).join(' ')));
  }

  // ---- leaving: what is unsaved is saved first; the browser asks only when that is not yet done
  addEventListener('submit', async event => {
    const leaving = event.target, button = event.submitter;
    if (event.defaultPrevented || leaving.method === 'get') return;
    if (composing || leaving.dataset.sent) return event.preventDefault();
    if (form && stopped && leaving === form) { event.preventDefault(); return one('[data-banner] a')?.focus(); }
    if (form && !stopped && (running || unsaved())) {
      event.preventDefault();
      leaving.dataset.sent = 'wait';
      if (running) await running;
      const done = await save();
      delete leaving.dataset.sent;
      if (done) leaving.requestSubmit(button); else one('[aria-invalid=true]')?.focus();
      return;
    }
    leaving.dataset.sent = 'yes';
    // Marked, not disabled: a disabled button would not be sent and would lose the focus.
    all('button', leaving).forEach(each => { if (each.type === 'submit') each.setAttribute('aria-disabled', 'true'); });
  });
  addEventListener('click', async event => {
    const link = event.target.closest?.('a[href]');
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link.target) return;
    const place = link.hash && link.pathname === location.pathname && byId(decodeURIComponent(link.hash.slice(1)));
    if (place) {
      for (let up = place; up; up = up.parentElement) if (up.matches('details')) up.open = true;
      if (link.closest('.error-summary')) { event.preventDefault(); (place.matches('input, select, textarea') ? place : one('input, select, textarea', place) || place).focus(); }
    } else if (form && unsaved() && !stopped && !failures && refused !== edits) {
      event.preventDefault();
      if (await save()) location.href = link.href;
    }
  });
  addEventListener('beforeunload', event => { if (form && unsaved()) { save(); event.preventDefault(); event.returnValue = ''; } });
  addEventListener('pagehide', () => { if (form && unsaved() && !running && !stopped) send(); });
  addEventListener('pageshow', event => {
    if (event.persisted) all('form[data-sent]').forEach(each => { delete each.dataset.sent; all('[aria-disabled]', each).forEach(button => button.removeAttribute('aria-disabled')); });
  });

  // ---- at the fields: counters, 「前年度と同じ」, cause and policy, spare rows
  const graphemes = Intl.Segmenter && new Intl.Segmenter('ja', { granularity: 'grapheme' });
  const count = text => graphemes ? [...graphemes.segment(text)].length : [...text].length;
  const previous = key => byId(`${key}-previous`)?.textContent;
  function show(field) {
    const key = name(field), limit = +field.dataset.limit;
    if (limit) {
      const length = count(field.value), place = byId(`${key}-count`);
      say(place, `${length}／${limit}字${length > limit ? `（${length - limit}字超過）` : ''}`);
      place?.toggleAttribute('data-over', length > limit);
    }
    const mark = one(`[data-same="${CSS.escape(key)}"]`);
    if (mark) mark.hidden = !field.value.trim() || field.value.trim() !== previous(key)?.trim();
    const cause = one('[data-for-cause]');
    // Text that was written under another grade stays in sight.
    if (cause) cause.hidden = !one('[data-needs-cause]:checked') && !all('textarea', cause).some(area => area.value.trim());
    for (let list = field.closest('[data-rows]'); list; list = list.parentElement.closest('[data-rows]')) addRow(list);
  }
  const filled = row => all('input, select, textarea', row).some(field => field.value.trim());
  function addRow(list) {
    const rows = [...list.children].filter(row => row.matches('[data-row]')), last = rows[rows.length - 1];
    if (!last || !filled(last)) return;
    const row = last.cloneNode(true), before = `${list.dataset.rows}${rows.length - 1}.`, after = `${list.dataset.rows}${rows.length}.`;
    all('.months', row).forEach(group => group.remove());
    all('[data-rows]', row).forEach(inner => all('[data-row]', inner).slice(1).forEach(extra => extra.remove()));
    for (const element of [row, ...all('*', row)]) {
      for (const attribute of ['name', 'id', 'for', 'aria-describedby', 'data-rows'])
        if (element.hasAttribute(attribute)) element.setAttribute(attribute, element.getAttribute(attribute).split(before).join(after));
      if (element.matches('select')) element.selectedIndex = 0; else if (element.matches('input, textarea')) element.value = '';
    }
    say(one('[data-number]', row), String(rows.length + 1));
    last.after(row);
    charts(row);
  }
  function copy(key) {
    const field = byId(key), text = previous(key);
    if (!field || text === undefined || field.readOnly) return;
    if (field.value.trim() && field.value !== text && !confirm('入力済みの文章を、前年度の文章に置き換えますか。')) return;
    field.focus();
    field.select();
    // insertText can be undone with Ctrl+Z; setting the value could not.
    if (!document.execCommand('insertText', false, text)) { field.value = text; edited(field); }
    say(spoken, '前年度の文章を写しました。Ctrl+Zで元に戻せます。');
  }

  // ---- the printed page, live
  let drawing, drawTimer, pictures = [];
  function drawSoon() { if (form.dataset.preview) { clearTimeout(drawTimer); drawTimer = setTimeout(draw, 400); } }
  async function draw() {
    if (composing) return;
    drawing?.abort();
    const mine = drawing = new AbortController();
    try {
      const answer = await post(form.dataset.preview, content(), { signal: mine.signal });
      if (!answer.ok) return;
      const { pages, warnings, alt } = await answer.json();
      warn(warnings || []);
      const addresses = pages.map(page => URL.createObjectURL(new Blob([page], { type: 'image/svg+xml' })));
      const images = addresses.map((src, i) => make('img', { src, alt: `${alt || '印刷ページ'}（${i + 1}／${pages.length}）` }));
      await Promise.allSettled(images.map(image => image.decode()));
      if (drawing === mine) { one('.pages').replaceChildren(...images); pictures.forEach(URL.revokeObjectURL); pictures = addresses; } else addresses.forEach(URL.revokeObjectURL);
    } catch { /* a newer one is on its way, or the saving line tells about the connection */ }
  }
  function side(which) {
    one('.entry').dataset.side = which;
    all('button[data-side]').forEach(button => button.setAttribute('aria-pressed', button.dataset.side === which));
    if (which === 'preview') draw();
  }

  // ---- charts: buttons that write into the two selects of a bar
  function charts(within) { all('[data-span]', within).forEach(chart); if (within.matches?.('[data-span]')) chart(within); }
  function chart(row) {
    const [from, to] = all('select', row), steps = [...from.options].filter(option => option.value);
    const group = make('div', { class: 'months', role: 'group', 'aria-label': `${row.dataset.span}。矢印キーで動き、スペースキーで始めと終わりを決めます` });
    const buttons = steps.map(step => make('button', { type: 'button', tabindex: '-1' }, step.text));
    let begin = -1, anchor = -1;
    const at = select => steps.findIndex(step => step.value === select.value);
    const span = () => { const a = at(from), b = at(to); return [a < 0 ? b : a, b < 0 ? a : b]; };
    const paint = () => {
      const [a, b] = span();
      buttons.forEach((button, i) => { button.setAttribute('aria-pressed', a >= 0 && i >= a && i <= b); button.toggleAttribute('data-begin', i === begin); });
    };
    const set = (a, b, more = '') => {
      from.value = a < 0 ? '' : steps[a].value;
      to.value = a < 0 ? '' : steps[b].value;
      paint();
      say(spoken, a < 0 ? '期間を消しました' : `${steps[a].text}から${steps[b].text}まで${more}`);
      to.dispatchEvent(new Event('input', { bubbles: true }));
    };
    const move = i => { buttons.forEach(button => { button.tabIndex = -1; }); buttons[i].tabIndex = 0; buttons[i].focus(); };
    group.addEventListener('click', event => {
      const i = buttons.indexOf(event.target), [a, b] = span();
      if (i < 0) return;
      move(i);
      if (begin >= 0) { const start = begin; begin = -1; set(Math.min(start, i), Math.max(start, i)); }
      else if (a === i && b === i) set(-1, -1);
      else { begin = i; set(i, i, '。終わりを選んでください'); }
    });
    group.addEventListener('keydown', event => {
      const i = buttons.indexOf(event.target), last = buttons.length - 1;
      const next = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: last }[event.key];
      if (event.key === 'Escape') { begin = -1; paint(); }
      else if (event.key === 'Delete' || event.key === 'Backspace') { begin = anchor = -1; set(-1, -1); }
      else if (next === undefined || event.ctrlKey || event.altKey) return;
      else if (next >= 0 && next <= last) {
        if (!event.shiftKey) anchor = -1;
        else if (anchor < 0) anchor = begin < 0 ? i : begin;
        move(next);
        if (event.shiftKey) { begin = -1; set(Math.min(anchor, next), Math.max(anchor, next)); }
      }
      event.preventDefault();
    });
    group.addEventListener('focusout', event => { if (!group.contains(event.relatedTarget)) { begin = anchor = -1; paint(); } });
    row.addEventListener('change', paint);
    buttons[Math.max(0, span()[0])].tabIndex = 0;
    group.append(...buttons);
    row.prepend(group);
    paint();
  }

  // ---- the session: other tabs renew it too, so the server is asked before the user is
  let sessionTimer;
  const watch = seconds => { clearTimeout(sessionTimer); sessionTimer = setTimeout(check, Math.max(1, seconds - 120) * 1000); };
  async function askServer(address, more) {
    const answer = await fetch(address, { headers: { Accept: 'application/json' }, ...more });
    const data = await answer.json().catch(() => ({}));
    if (data.csrf) all('input[name=csrf]').forEach(input => { input.value = data.csrf; });
    return answer.ok ? data : { gone: answer.status === 401, ...data };
  }
  const renewToken = () => askServer('/session').then(data => data.seconds > 0, () => false);
  async function check() {
    const data = await askServer('/session').catch(() => ({}));
    one('dialog[open]')?.remove();
    if (data.gone) { if (form) signIn(data.sign_in); else banner('サインインの期限が切れました。', 'サインインする', data.sign_in || '/session/new'); }
    else if (!(data.seconds <= 120)) watch(data.seconds || 150);
    else if (composing) setTimeout(check, 1000);
    else ask(data.seconds);
  }
  function ask(seconds) {
    const go = make('button', { class: 'primary', autofocus: '' }, '続ける');
    const dialog = make('dialog', { 'aria-labelledby': 'expiry' }, make('h2', { id: 'expiry' }, 'まもなくサインインの期限が切れます'),
      make('p', {}, `あと${Math.ceil(seconds / 60)}分で期限が切れます。続けるときは「続ける」を押してください（Enterキーでも続けられます）。`), make('form', { method: 'dialog' }, go));
    const back = document.activeElement;
    dialog.addEventListener('close', async () => {
      dialog.remove();
      back?.focus?.();
      const data = await askServer('/session/renewal', { method: 'POST', body: new URLSearchParams({ csrf: one('input[name=csrf]').value }) }).catch(() => ({}));
      if (data.seconds) watch(data.seconds); else check();
    });
    document.body.append(dialog);
    dialog.showModal();
    clearTimeout(sessionTimer);
    sessionTimer = setTimeout(check, seconds * 1000 + 500);
  }

  // ---- the page as it arrives
  if (form) {
    form.addEventListener('input', event => { if (event.target.name || event.target.closest('[data-span]')) edited(event.target); });
    form.addEventListener('focusout', event => { if (event.relatedTarget?.type !== 'submit') save(); });
    form.addEventListener('click', event => {
      const button = event.target.closest('button');
      if (button?.name === 'copy') { event.preventDefault(); copy(button.value); }
    });
    all('textarea, input:checked', form).forEach(show);
    charts(form);
  }
  all('.switch').forEach(group => { group.hidden = false; group.addEventListener('click', event => { if (event.target.dataset.side) side(event.target.dataset.side); }); });
  all('[data-all]').forEach(master => {
    const boxes = all(`input[name="${master.dataset.all}"]`), chosen = one('[data-chosen]');
    master.hidden = false;
    master.parentElement.querySelector('[data-nojs]')?.remove();
    master.closest('form').addEventListener('change', event => {
      if (event.target === master) boxes.forEach(box => { box.checked = master.checked; });
      const number = boxes.filter(box => box.checked).length;
      master.checked = number === boxes.length;
      say(chosen, number ? `${number}件を選んでいます` : '');
    });
  });
  const folds = all('details[id]'), opened = history.state?.opened;
  if (opened) folds.forEach(fold => { fold.open = opened.includes(fold.id); });
  addEventListener('toggle', () => history.replaceState({ ...history.state, opened: folds.filter(fold => fold.open).map(fold => fold.id) }, ''), true);
  one('[data-focus]')?.focus();
  if (document.body.dataset.expires) watch(+document.body.dataset.expires);
})();
