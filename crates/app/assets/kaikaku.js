// Saves while typing, counts, shows the printed page, draws the month chart, warns before a session ends.
// Every page works without it; nothing is stored in the browser.
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
	// A live region speaks whenever its text is set.
	const say = (place, text) => { if (place && place.textContent !== text) place.textContent = text; };
	const form = one('form[data-autosave]'), status = one('[data-saved]'), spoken = byId('spoken');
	const content = () => new URLSearchParams(new FormData(form));
	const ask = (address, body, more) => fetch(address, { method: body ? 'POST' : 'GET', body, headers: { Accept: 'application/json' }, ...more });

	// An IME's Enter is the IME's (229 in Safari); unfinished text is not sent.
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
	const tell = (text, bad) => {
		say(status, (bad ? '保存できていません。' : '') + text);
		status?.toggleAttribute('data-bad', !!bad);
	};
	function banner(text, link, href, target = '_self') {
		one('[data-banner]')?.remove();
		if (text) (one('.actions') || one('main')).prepend(make('div', { class: 'notice bad', role: 'alert', 'data-banner': '' },
			make('p', {}, text), link ? make('a', { href, target }, link) : ''));
	}
	// Who never pauses is saved every ten seconds.
	function later(wait = Math.min(1200, since + 1e4 - Date.now())) {
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
			// What outlives its page may be 64 KB.
			answer = await ask(form.getAttribute('action'), body, { keepalive: `${body}`.length < 6e4 });
			data = await answer.json();
		} catch { /* no connection */ }
		const code = answer.status;
		if (data.version) {
			kept = sent; failures = 0;
			all('[name=seen]').forEach(input => { input.value = data.version; });
			banner();
			place('error', []);
			if (!form.dataset.preview) place('warning', data.warnings);
			tell(`${data.saved} 下書き保存`);
		} else if (code === 401 || code === 403) {
			if (code === 403 && !again && await renew()) return send(true);
			signIn(data);
		} else if (code === 409) {
			banner(data.message, '二つの文章を見比べて選ぶ', data.conflict);
			if (composing) return false;
			if (edits !== sent) return send();
			stopped = 'conflict'; kept = sent;
			tell('あなたの文章を別に保存しました');
			all('textarea, input', form).forEach(field => { field.readOnly = true; });
		} else if (code === 422) {
			refused = sent; failures = 0;
			place('error', data.errors);
			tell('エラーの欄を直してください。', 1);
		} else if (code > 403 && code < 429) {
			stopped = 'closed';
			tell('', 1);
			banner(`${data.message || 'この調書には保存できません。'}入力した文章はこの画面に残っています。`);
		} else {
			tell(data.message || 'つながり次第、もう一度保存します。', 1);
			later(Math.min(30, 3 * 2 ** failures++) * 1000);
		}
		return !unsaved();
	}
	function signIn(data) {
		stopped = 'session';
		tell('', 1);
		banner(`${data.message || 'サインインの期限が切れました。'}入力した文章はこの画面に残っています。別のタブでサインインして、このタブに戻ってください。`,
			'サインインする（別のタブ）', data.sign_in || '/session/new', '_blank');
	}
	async function resume() {
		if (stopped === 'session' && await renew()) { stopped = ''; banner(); save(); } else if (failures) save();
	}
	on('focus', event => { if (event.target === window) resume(); });
	on('online', resume);
	on('visibilitychange', () => document.hidden ? save() : resume());
	// Errors and warnings go to their fields, or to the form's own line.
	function place(kind, list) {
		const home = key => byId(`${key}-${kind}`) || byId(`form-${kind}`);
		all(`[id$="-${kind}"]`, form).forEach(spot => {
			const found = list.filter(each => home(each.field) === spot), field = byId(spot.id.replace('-error', ''));
			say(spot, found.map(each => each.message).join(' '));
			if (field === spot || !field) return;
			spot.closest('.field')?.classList.toggle('wrong', !!found[0]);
			field.ariaInvalid = found[0] ? 'true' : null;
		});
	}

	// Leaving: what is unsaved is saved first.
	on('submit', async event => {
		const going = event.target, button = event.submitter;
		if (going.method !== 'post') return;
		if (composing || going.dataset.sent) return event.preventDefault();
		if (going === form && stopped) return event.preventDefault(one('[data-banner] a')?.focus());
		going.dataset.sent = 1; // a disabled button would not be sent
		if (running || unsaved() && !stopped) {
			event.preventDefault();
			await running;
			const done = await save();
			delete going.dataset.sent;
			if (done) going.requestSubmit(button); else one('[aria-invalid]')?.focus();
		}
	});
	on('click', async event => {
		const link = event.target.closest?.('a[href]');
		if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.target === '_blank') return;
		if (ready() && !failures && !link.hash) {
			event.preventDefault();
			await running;
			if (await save()) location.href = link.href;
		}
	});
	on('beforeunload', event => {
		save();
		// A reason or a comment begun elsewhere counts too.
		if (unsaved() || all('textarea').some(area => area.form !== form && !area.form?.dataset.sent && area.value !== area.defaultValue)) event.returnValue = ' ';
	});
	on('pagehide', () => { if (!running && ready()) send(); });
	on('pageshow', () => all('[data-sent]').forEach(each => each.removeAttribute('data-sent')));

	// At the fields: counters, marks, cause and policy, spare rows.
	const graphemes = Intl.Segmenter && new Intl.Segmenter('ja');
	const previous = key => byId(`${key}-previous`)?.textContent;
	const filled = area => area.value.trim();
	function show(field) {
		const { limit } = field.dataset, count = byId(`${field.name}-count`), mark = byId(`${field.name}-same`), cause = one('[data-for-cause]');
		if (count) {
			const length = [...graphemes ? graphemes.segment(field.value) : field.value].length, over = length - limit;
			say(count, `${length}${limit ? `／${limit}` : ''}字${over > 0 ? `（${over}字超過）` : ''}`);
			count.toggleAttribute('data-over', over > 0);
		}
		if (mark) mark.hidden = !filled(field) || filled(field) !== previous(field.name)?.trim();
		const rows = field.closest('[data-same]');
		if (rows) byId(rows.dataset.same).hidden = true;
		// Text written under another grade stays in sight.
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
			if (element.matches('input, select, textarea')) element.value = '';
		}
		say(one('[data-number]', row), `${rows.length + 1}`);
		last.after(row);
		charts(row);
	}
	function copy(field) {
		const text = previous(field.name);
		if (field.readOnly || filled(field) && field.value !== text && !confirm('入力済みの文章を、前年度の文章に置き換えますか。')) return;
		field.select();
		// This can be undone.
		if (!document.execCommand('insertText', false, text)) { field.value = text; edited(field); }
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
			place('warning', warnings);
			const images = pages.map((page, i) => make('img', { src: URL.createObjectURL(new Blob([page], { type: 'image/svg+xml' })), alt: `${alt}（${i + 1}／${pages.length}）` }));
			await Promise.allSettled(images.map(image => image.decode()));
			const gone = signal.aborted ? images : pictures;
			if (gone === pictures) one('.pages').replaceChildren(...pictures = images);
			gone.forEach(image => URL.revokeObjectURL(image.src));
		} catch { /* a newer one is on its way */ }
	}

	// Charts: buttons that write into the two selects of a bar.
	function charts(within) { if (within.matches('[data-span]')) chart(within); all('[data-span]', within).forEach(chart); }
	function chart(row) {
		const [from, to] = all('select', row), steps = [...from.options].slice(1);
		const group = make('div', { class: 'months', role: 'group', 'aria-label': row.dataset.span });
		const buttons = steps.map(step => make('button', { type: 'button', tabindex: -1 }, step.text));
		let begin = -1, anchor = -1;
		const ends = () => { const a = from.selectedIndex - 1, b = to.selectedIndex - 1; return [a < 0 ? b : a, b < 0 ? a : b]; };
		const paint = () => {
			const [a, b] = ends();
			buttons.forEach((button, i) => { button.ariaPressed = i >= a && i <= b; });
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
			if (key === 'Delete') { begin = -1; set(-1, -1); }
			else if (next === undefined || event.ctrlKey || event.altKey) return;
			else if (buttons[next]) {
				anchor = !event.shiftKey ? -1 : anchor >= 0 ? anchor : begin < 0 ? i : begin;
				move(next);
				if (anchor >= 0) { begin = -1; set(anchor, next); }
			}
			event.preventDefault();
		}, group);
		on('focusout', event => { if (!group.contains(event.relatedTarget)) begin = anchor = -1; }, group);
		on('change', paint, row);
		buttons[Math.max(0, ends()[0])].tabIndex = 0;
		group.append(...buttons);
		row.prepend(group);
		paint();
	}

	// The session: other tabs renew it too, so the server is asked first.
	const expiry = byId('expiry');
	let sessionTimer;
	const watch = (seconds, early = 120) => { clearTimeout(sessionTimer); sessionTimer = setTimeout(check, Math.max(1, seconds - early) * 1000); };
	async function session(address, body) {
		const answer = await ask(address, body), data = await answer.json();
		// A new sign-in brings a new token.
		if (data.csrf) all('[name=csrf]').forEach(input => { input.value = data.csrf; });
		return { ...data, over: answer.status === 401 };
	}
	const renew = () => session('/session').then(data => data.seconds > 0, () => false);
	async function check() {
		const data = await session('/session').catch(() => ({ seconds: 150 })), due = data.seconds <= 120;
		if (!due) { expiry.onclose = null; expiry.close(); }
		if (data.over) signIn(data);
		else if (!due || composing) watch(data.seconds || 150);
		else {
			if (!expiry.open) expiry.showModal();
			expiry.onclose = () => session('/session/renewal', new URLSearchParams({ csrf: one('[name=csrf]').value })).catch(() => 0).then(next => watch(next.seconds || 0));
			watch(data.seconds + 1, 0);
		}
	}

	function beside(which) {
		one('.entry').dataset.side = which;
		all('.switch button').forEach(button => { button.ariaPressed = button.dataset.side === which; });
	}

	if (form) {
		on('input', event => edited(event.target), form);
		on('focusout', event => { if (event.relatedTarget?.type !== 'submit') save(); }, form);
		on('click', event => {
			const { name, dataset } = event.target;
			const pair = event.target.closest('.pair');
			if (name === 'copy' && pair) { event.preventDefault(); copy(one('textarea', pair)); }
			if (!dataset.side) return;
			beside(dataset.side);
			if (dataset.side === 'preview') draw();
		}, form);
		if (form.dataset.preview) { one('.switch').hidden = false; beside('reference'); }
		all('textarea', form).forEach(show);
		charts(form);
	}
	const folds = all('details[id]'), { open } = history.state || {};
	if (open) folds.forEach(fold => { fold.open = open.includes(fold.id); });
	on('toggle', () => history.replaceState({ open: folds.filter(fold => fold.open).map(fold => fold.id) }, ''));
	one('[data-focus]')?.focus();
	if (document.body.dataset.expires) watch(+document.body.dataset.expires);
})();
