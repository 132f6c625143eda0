// Kaikaku's staff pages. Every page works without this file; it saves while typing, counts, shows the printed page,
// draws the month chart and warns before a session ends. It stores nothing in the browser.
'use strict';
(() => {
	const one = (query, within = document) => within.querySelector(query);
	const all = (query, within = document) => [...within.querySelectorAll(query)];
	const byId = id => document.getElementById(id);
	const on = (type, run, target = window) => target.addEventListener(type, run, true);
	const make = (tag, attributes, ...inside) => {
		const element = document.createElement(tag);
		for (const name in attributes) element.setAttribute(name, attributes[name]);
		element.append(...inside);
		return element;
	};
	// A live region speaks whenever its text is set, so equal text is left alone.
	const say = (place, text) => { if (place && place.textContent !== text) place.textContent = text; };
	const texts = list => list.map(each => each.message).join(' ');
	const form = one('form[data-autosave]'), status = one('[data-saved]'), spoken = make('p', { class: 'visually-hidden', role: 'status' });
	const content = () => new URLSearchParams(new FormData(form));
	const ask = (address, body, more) => fetch(address, { method: body ? 'POST' : 'GET', body, headers: { Accept: 'application/json' }, ...more });
	document.documentElement.classList.add('js');
	document.body.append(spoken);

	// An IME's Enter belongs to the IME (Safari's comes after the end; 229 tells), unfinished text is not sent.
	let composing = false;
	on('compositionstart', () => { composing = true; });
	on('compositionend', event => { composing = false; if (form?.contains(event.target)) edited(event.target); });
	on('keydown', event => {
		const field = event.target, ours = form && field.form === form;
		if (event.key !== 'Enter' || field.tagName !== 'INPUT') return;
		const busy = composing || event.isComposing || event.keyCode === 229;
		if (busy || ours) event.preventDefault();
		if (!busy && ours) save();
	});

	// Saving, one request at a time. `edits` counts changes, `kept` those that the server has.
	let edits = 0, kept = 0, refused = -1, failures = 0, stopped = '', since = 0, timer, running;
	const unsaved = () => edits !== kept, ready = () => unsaved() && !stopped && refused !== edits;
	const tell = (text, bad) => { say(status, text); status?.toggleAttribute('data-bad', !!bad); };
	function banner(text, link, href, target = '_self') {
		one('[data-banner]')?.remove();
		if (text) (one('.actions') || one('main')).prepend(make('div', { class: 'notice bad', role: 'alert', 'data-banner': '' },
			make('p', {}, text), link ? make('a', { href, target }, link) : ''));
	}
	// Someone who never pauses is saved every ten seconds all the same.
	function later(wait = Math.max(0, Math.min(1200, since + 1e4 - Date.now()))) {
		clearTimeout(timer);
		timer = setTimeout(save, wait);
	}
	function edited(field) {
		if (!unsaved()) since = Date.now();
		edits++;
		show(field);
		if (composing || stopped) return;
		if (!failures) later();
		if (form.dataset.preview) { clearTimeout(drawTimer); drawTimer = setTimeout(draw, 400); }
	}
	async function save() {
		if (!running && (composing || !ready())) return !unsaved();
		running ||= send().finally(() => { running = 0; if (ready() && !failures) later(); });
		return running;
	}
	async function send(again) {
		clearTimeout(timer);
		since = Date.now();
		const sent = edits, body = content();
		let answer = {}, data = {};
		try {
			// A request that outlives its page may carry 64 KB.
			answer = await ask(form.getAttribute('action'), body, { keepalive: `${body}`.length < 6e4 });
			data = await answer.json();
		} catch { /* no connection, or an answer without JSON */ }
		const code = answer.status;
		if (data.version !== undefined) {
			kept = sent; failures = 0;
			all('[name=seen]').forEach(input => { input.value = data.version; });
			banner();
			complain([]);
			if (!form.dataset.preview) warn(data.warnings || []);
			tell(`${data.saved} 下書き保存`);
		} else if (code === 401 || code === 403) {
			if (code === 403 && !again && await renew()) return send(true);
			signIn(data);
		} else if (code === 409) {
			banner(data.message, '二つの文章を見比べて選ぶ', data.conflict);
			if (composing) return false;
			if (edits !== sent) return send(); // what was typed meanwhile is kept on the server too
			stopped = 'conflict'; kept = sent;
			tell('あなたの文章を別に保存しました');
			all('textarea, input', form).forEach(field => { field.readOnly = true; });
		} else if (code === 422) {
			refused = sent; failures = 0;
			complain(data.errors || []);
			tell('保存できていません。エラーの欄を直してください。', 1);
		} else if ([404, 413, 423].includes(code)) {
			stopped = 'closed';
			tell('保存できていません', 1);
			banner(`${data.message || 'この調書には保存できません。'}入力した文章はこの画面に残っています。`, 'ホームに戻る', '/');
		} else {
			tell(`保存できていません。${data.message || 'つながり次第、もう一度保存します。'}`, 1);
			later(Math.min(30, 3 * 2 ** failures++) * 1000);
		}
		return !unsaved();
	}
	function signIn(data) {
		stopped = 'session';
		if (form) tell('保存できていません', 1);
		banner(`${data.message || 'サインインの期限が切れました。'}入力した文章はこの画面に残っています。別のタブでサインインして、このタブに戻ってください。`,
			'サインインする（別のタブ）', data.sign_in || '/session/new', '_blank');
	}
	async function resume() {
		if (stopped === 'session' && await renew()) { stopped = ''; banner(); save(); } else if (failures) save();
	}
	on('focus', event => { if (event.target === window) resume(); });
	on('online', resume);
	on('visibilitychange', () => document.hidden ? save() : resume());
	function complain(errors) {
		all('[id$="-error"]', form).forEach(place => {
			const key = place.id.slice(0, -6), found = errors.filter(error => error.field === key), field = byId(key);
			say(place, texts(found));
			place.closest('.field')?.classList.toggle('wrong', found[0]);
			if (found[0]) field?.setAttribute('aria-invalid', true); else field?.removeAttribute('aria-invalid');
		});
		const homeless = errors.filter(error => !byId(`${error.field}-error`));
		if (homeless[0]) banner(texts(homeless));
	}
	function warn(warnings) {
		const home = key => byId(`${key}-warning`) || byId('form-warning');
		all('[id$="-warning"]', form).forEach(place => say(place, texts(warnings.filter(each => home(each.field) === place))));
	}

	// Leaving: what is unsaved is saved first; the browser asks only if that did not work.
	on('submit', async event => {
		const going = event.target, button = event.submitter;
		if (going.method !== 'post') return;
		if (composing || going.dataset.sent) return event.preventDefault();
		if (going === form && stopped) { event.preventDefault(); one('[data-banner] a')?.focus(); return; }
		going.dataset.sent = 1;
		if (running || form && unsaved() && !stopped) {
			event.preventDefault();
			await running;
			const done = await save();
			delete going.dataset.sent;
			if (done) going.requestSubmit(button); else one('[aria-invalid]')?.focus();
		// Marked, not disabled: a disabled button is not sent and loses the focus.
		} else all('button', going).forEach(each => each.setAttribute('aria-disabled', true));
	});
	on('click', async event => {
		const link = event.target.closest?.('a[href]');
		if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link.target === '_blank') return;
		const place = link.pathname === location.pathname && byId(decodeURIComponent(link.hash.slice(1)));
		if (place) {
			for (let fold = place; fold = fold.closest('details:not([open])');) fold.open = true;
			if (link.closest('.error-summary')) { event.preventDefault(); (place.matches('input, select, textarea') ? place : one('input, select, textarea', place))?.focus(); }
		} else if (form && ready() && !failures) {
			event.preventDefault();
			if (await save()) location.href = link.href;
		}
	});
	on('beforeunload', event => {
		save();
		// A reason or a comment that was begun elsewhere on the page counts too.
		if (unsaved() || all('textarea').some(area => area.form !== form && !area.form?.dataset.sent && area.value !== area.defaultValue)) event.preventDefault(event.returnValue = ' ');
	});
	on('pagehide', () => { if (!running && ready()) send(); });
	on('pageshow', event => { if (event.persisted) location.reload(); });

	// At the fields: counters, 「前年度と同じ」, cause and policy, spare rows.
	const graphemes = Intl.Segmenter && new Intl.Segmenter('ja');
	const previous = key => byId(`${key}-previous`)?.textContent;
	const filled = area => area.value.trim();
	function show(field) {
		const limit = field.dataset.limit, mark = byId(`${field.name}-same`), cause = one('[data-for-cause]');
		if (limit) {
			const place = byId(`${field.name}-count`), length = [...graphemes ? graphemes.segment(field.value) : field.value].length, over = length - limit;
			say(place, `${length}／${limit}字${over > 0 ? `（${over}字超過）` : ''}`);
			place.toggleAttribute('data-over', over > 0);
		}
		if (mark) mark.hidden = !filled(field) || filled(field) !== previous(field.name)?.trim();
		// Text that was written under another grade stays in sight.
		if (cause) cause.hidden = !one('[data-needs-cause]:checked') && !all('textarea', cause).some(filled);
		for (let list = field; list = list.parentElement.closest('[data-rows]');) addRow(list);
	}
	function addRow(list) {
		const rows = [...list.children], last = rows[rows.length - 1], prefix = list.dataset.rows;
		if (!all('input, select, textarea', last).some(filled)) return;
		const row = last.cloneNode(true);
		all('.months', row).forEach(group => group.remove());
		all('[data-rows]', row).forEach(inner => inner.replaceChildren(inner.firstElementChild));
		for (const element of [row, ...all('*', row)]) {
			for (const name of ['name', 'id', 'for', 'data-rows'])
				if (element.hasAttribute(name)) element.setAttribute(name, element.getAttribute(name).replace(`${prefix}${rows.length - 1}.`, `${prefix}${rows.length}.`));
			if ('value' in element) element.value = '';
		}
		say(one('[data-number]', row), `${rows.length + 1}`);
		last.after(row);
		charts(row);
	}
	function copy(key) {
		const field = byId(key), text = previous(key);
		if (field.readOnly || filled(field) && field.value !== text && !confirm('入力済みの文章を、前年度の文章に置き換えますか。')) return;
		field.select();
		document.execCommand('insertText', false, text); // unlike setting the value, it can be undone
		say(spoken, '前年度の文章を写しました。Ctrl+Zで元に戻せます。');
	}

	// The printed page, live.
	let drawTimer, drawing, pictures = [];
	async function draw() {
		if (composing) return;
		drawing?.abort();
		const { signal } = drawing = new AbortController();
		try {
			const { pages, warnings, alt } = await (await ask(form.dataset.preview, content(), { signal })).json();
			warn(warnings);
			const images = pages.map((page, i) => make('img', { src: URL.createObjectURL(new Blob([page], { type: 'image/svg+xml' })), alt: `${alt}（${i + 1}／${pages.length}）` }));
			await Promise.allSettled(images.map(image => image.decode()));
			if (!signal.aborted) { one('.pages').replaceChildren(...images); [pictures, images.old] = [images, pictures]; }
			(images.old || images).forEach(image => URL.revokeObjectURL(image.src));
		} catch { /* a newer one is on its way, or the saving line tells */ }
	}

	// Charts: buttons that write into the two selects of a bar.
	function charts(within) { if (within.matches('[data-span]')) chart(within); all('[data-span]', within).forEach(chart); }
	function chart(row) {
		const [from, to] = all('select', row), steps = [...from.options].slice(1);
		const group = make('div', { class: 'months', role: 'group', 'aria-label': `${row.dataset.span}。矢印キーで動き、スペースキーで始めと終わりを決めます` });
		const buttons = steps.map(step => make('button', { type: 'button', tabindex: -1 }, step.text));
		let begin = -1, anchor = -1;
		const ends = () => { const a = from.selectedIndex - 1, b = to.selectedIndex - 1; return [a < 0 ? b : a, b < 0 ? a : b]; };
		const paint = () => {
			const [a, b] = ends();
			buttons.forEach((button, i) => { button.setAttribute('aria-pressed', i >= a && i <= b); button.toggleAttribute('data-begin', i === begin); });
		};
		const set = (a, b, more = '') => {
			[a, b] = [Math.min(a, b), Math.max(a, b)];
			from.selectedIndex = a + 1;
			to.selectedIndex = b + 1;
			paint();
			say(spoken, a < 0 ? '期間を消しました' : `${steps[a].text}から${steps[b].text}まで${more}`);
			edited(to);
		};
		const move = i => { buttons.forEach((button, j) => { button.tabIndex = i === j ? 0 : -1; }); buttons[i].focus(); };
		on('click', event => {
			const i = buttons.indexOf(event.target), [a, b] = ends(), start = begin;
			if (i < 0) return;
			move(i);
			begin = -1;
			if (start >= 0) set(start, i);
			else if (a === i && b === i) set(-1, -1);
			else { begin = i; set(i, i, '。終わりを選んでください'); }
		}, group);
		on('keydown', event => {
			const i = buttons.indexOf(event.target), { key } = event;
			const next = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: steps.length - 1 }[key];
			if (key === 'Escape') { begin = -1; paint(); }
			else if (key === 'Delete' || key === 'Backspace') { begin = -1; set(-1, -1); }
			else if (next === undefined || event.ctrlKey || event.altKey) return;
			else if (buttons[next]) {
				anchor = !event.shiftKey ? -1 : anchor >= 0 ? anchor : begin < 0 ? i : begin;
				move(next);
				if (anchor >= 0) { begin = -1; set(anchor, next); }
			}
			event.preventDefault();
		}, group);
		on('focusout', event => { if (!group.contains(event.relatedTarget)) { begin = anchor = -1; paint(); } }, group);
		on('change', paint, row);
		buttons[Math.max(0, ends()[0])].tabIndex = 0;
		group.append(...buttons);
		row.prepend(group);
		paint();
	}

	// The session: other tabs renew it too, so the server is asked before the user is.
	let sessionTimer;
	const watch = (seconds, early = 120) => { clearTimeout(sessionTimer); sessionTimer = setTimeout(check, Math.max(1, seconds - early) * 1000); };
	async function session(address, body) {
		const answer = await ask(address, body), data = await answer.json();
		// A new sign-in brings a new token; without it the page that was kept open could not save.
		if (data.csrf) all('[name=csrf]').forEach(input => { input.value = data.csrf; });
		return { ...data, over: answer.status === 401 };
	}
	const renew = () => session('/session').then(data => data.seconds > 0, () => false);
	async function check() {
		const data = await session('/session').catch(() => ({ seconds: 150 }));
		one('dialog')?.remove();
		if (data.over) signIn(data);
		else if (data.seconds > 120) watch(data.seconds);
		else if (composing) watch(1);
		else {
			const back = document.activeElement, dialog = make('dialog', { 'aria-labelledby': 'expiry' }, make('h2', { id: 'expiry' }, 'まもなくサインインの期限が切れます'),
				make('p', {}, `あと${Math.ceil(data.seconds / 60)}分で期限が切れます。続けるときは、Enterキーか「続ける」を押してください。`),
				make('form', { method: 'dialog' }, make('button', { class: 'primary' }, '続ける')));
			on('close', async () => {
				dialog.remove();
				back.focus();
				watch((await session('/session/renewal', new URLSearchParams({ csrf: one('[name=csrf]').value })).catch(() => ({}))).seconds || 0);
			}, dialog);
			document.body.append(dialog);
			dialog.showModal();
			watch(data.seconds + 1, 0);
		}
	}

	// The page as it arrives.
	if (form) {
		on('input', event => edited(event.target), form);
		on('focusout', event => { if (event.relatedTarget?.type !== 'submit') save(); }, form);
		on('click', event => {
			const { name, value, dataset } = event.target;
			if (name === 'copy') { event.preventDefault(); copy(value); }
			if (!dataset.side) return;
			one('.entry').dataset.side = dataset.side;
			all('button[data-side]').forEach(each => each.setAttribute('aria-pressed', each === event.target));
			if (dataset.side === 'preview') draw();
		}, form);
		all('.switch').forEach(group => { group.hidden = false; });
		all('textarea', form).forEach(show);
		charts(form);
	}
	all('[data-all]').forEach(master => {
		const boxes = all(`[name="${master.dataset.all}"]`);
		master.hidden = false;
		master.nextElementSibling?.remove();
		on('change', event => {
			if (event.target === master) boxes.forEach(box => { box.checked = master.checked; });
			const chosen = boxes.filter(box => box.checked).length;
			master.checked = chosen === boxes.length;
			say(one('[data-chosen]'), chosen ? `${chosen}件を選んでいます` : '');
		}, master.form);
	});
	const folds = all('details[id]'), { open } = history.state || {};
	if (open) folds.forEach(fold => { fold.open = open.includes(fold.id); });
	on('toggle', () => history.replaceState({ open: folds.filter(fold => fold.open).map(fold => fold.id) }, ''));
	one('[data-focus]')?.focus();
	if (document.body.dataset.expires) watch(+document.body.dataset.expires);
})();
