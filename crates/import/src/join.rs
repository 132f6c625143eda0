//! Putting lines that the extraction broke together again: paragraphs by the column's right edge, short labels by what
//! they end and begin with.

/// How a source's font gives its characters room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Widths {
    /// Kana run narrower than kanji, marks narrower still. Tuned on the 165 full lines of a real report's narratives,
    /// whose spread it makes smallest.
    #[default]
    Proportional,
    /// Every character takes its full or half width.
    Even,
    /// As in a narrow cell: even, but marks are pressed together.
    Pressed,
}

impl Widths {
    /// The width of a text in half characters.
    pub(crate) fn of(self, text: &str) -> f32 {
        let width: f32 = text.chars().map(|c| self.of_char(c)).sum();
        if self == Self::Even { width - squeezed(text) } else { width }
    }

    fn of_char(self, c: char) -> f32 {
        let is_narrow = c.is_ascii() || ('\u{FF61}'..='\u{FF9F}').contains(&c);
        match self {
            Self::Even => {
                if is_narrow {
                    1.0
                } else {
                    2.0
                }
            }
            Self::Pressed if is_mark(c) => 1.3,
            Self::Pressed => {
                if is_narrow {
                    1.05
                } else {
                    2.0
                }
            }
            Self::Proportional => match c {
                'ぁ'..='ん' => 1.7,
                'ァ'..='ヺ' | 'ー' => 1.5,
                _ if is_mark(c) => 1.0,
                _ if is_narrow => 1.1,
                _ => 2.0,
            },
        }
    }

    /// The one in which full lines are more alike. Lines that end in the middle of a sentence are full; they come in
    /// groups of those set in one column of one sheet.
    pub(crate) fn fitting(groups: &[Vec<&str>]) -> Self {
        let spread = |widths: Self| -> f32 {
            groups
                .iter()
                .map(|lines| {
                    let mut full: Vec<f32> = lines
                        .iter()
                        .filter(|line| !ends_sentence(line))
                        .map(|line| widths.of(line))
                        .collect();
                    full.sort_by(f32::total_cmp);
                    let (middle, widest) = (full.get(full.len() / 2), full.last());
                    middle.zip(widest).map_or(0.0, |(middle, widest)| (widest - middle) / widest)
                })
                .sum()
        };
        if spread(Self::Even) < spread(Self::Proportional) { Self::Even } else { Self::Proportional }
    }
}

/// What a typesetter takes away between marks that follow each other: half a character between 」and「 or ）and 、.
fn squeezed(text: &str) -> f32 {
    const OPENING: &str = "「（【『〔";
    const CLOSING: &str = "」）】』〕、。・";
    let pairs = text.chars().zip(text.chars().skip(1));
    let count = pairs.filter(|(a, b)| {
        (CLOSING.contains(*a) && (CLOSING.contains(*b) || OPENING.contains(*b)))
            || (OPENING.contains(*a) && OPENING.contains(*b))
    });
    count.map(|_| 1.0).sum()
}

fn is_mark(c: char) -> bool {
    matches!(c, '・' | '、' | '。' | '「' | '」' | '（' | '）' | '【' | '】')
}

const ITEM_MARKS: [char; 12] = ['・', '○', '〇', '●', '◎', '■', '□', '➢', '※', '（', '◆', '･'];

/// Whether a line begins an item of its own.
fn begins_item(line: &str) -> bool {
    let mut chars = line.chars();
    match chars.next() {
        Some('（') => true,
        Some(c) if ITEM_MARKS.contains(&c) => true,
        Some(c) => ('①'..='⓿').contains(&c) || ('\u{2460}'..='\u{24FF}').contains(&c),
        None => false,
    }
}

fn ends_sentence(line: &str) -> bool {
    let is_bracketed = line.starts_with('（') && line.ends_with('）');
    is_bracketed || line.ends_with(['。', '．', '】', '〕'])
}

/// Joins the lines of a text field: without a space inside a paragraph, with `\n` between paragraphs and items.
///
/// A line that ends far before the column's edge, or ends a sentence where the next character would still have had
/// room, ends a paragraph. Where the text's first line is indented by an ideographic space, so is every paragraph. A
/// department's mark belongs to the text before it.
pub(crate) fn paragraphs(lines: &[Line<'_>], column: Column, marks: &[String]) -> String {
    let indents = lines.first().is_some_and(|line| line.indented);
    let mut text = String::new();
    // A line as it stands on the page: an extraction may break it where marks are pressed together.
    let mut whole_line = String::new();
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            let previous = whole_line.as_str();
            let first = line.text.chars().next();
            let is_mark_alone = previous.chars().count() == 1 && begins_item(previous);
            let is_same_line = is_mark_alone || closes(line.text) || is_pressed(previous, line.text);
            let goes_on = is_same_line
                || open_bracket(previous)
                || marks.iter().any(|mark| line.text.starts_with(mark.as_str()));
            let ended = !goes_on
                && (column.is_cut_short(previous)
                    || (ends_sentence(previous) && column.has_room(previous, first)));
            let item = begins_item(line.text) && !open_bracket(previous) && !is_mark_alone;
            let bracket = line.text.starts_with('（');
            if line.indented || (item && !bracket) || (bracket && ended) || (ended && !indents) {
                text.push('\n');
            } else if is_latin(previous.chars().last()) && is_latin(first) {
                text.push(' ');
            }
            if !is_same_line {
                whole_line.clear();
            }
        }
        whole_line.push_str(line.text);
        text.push_str(line.text);
    }
    text
}

/// A column of text: how its characters run and how wide a full line is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) widths: Widths,
    pub(crate) edge: f32,
}

impl Column {
    /// Whether a line ends so far before the edge that only its writer can have ended it.
    fn is_cut_short(self, line: &str) -> bool {
        const SHORT: f32 = 0.66;
        self.widths.of(line) < self.edge * SHORT
    }

    /// Whether the next line's first character would still have stood on this line. A proportional font's widths are
    /// only guessed, so that it takes more room to be sure.
    fn has_room(self, line: &str, next: Option<char>) -> bool {
        const SURE: f32 = 0.93;
        let width = self.widths.of(line);
        match self.widths {
            Widths::Proportional => width < self.edge * SURE,
            Widths::Even | Widths::Pressed => {
                width + next.map_or(0.0, |c| self.widths.of_char(c)) <= self.edge
            }
        }
    }
}

/// A letter of a word that is written with spaces around it.
fn is_latin(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_alphabetic())
}

/// Whether the line leaves a bracket open, so that what follows still belongs inside.
fn open_bracket(line: &str) -> bool {
    let count = |c: char| line.chars().filter(|other| *other == c).count();
    [('（', '）'), ('「', '」'), ('【', '】'), ('『', '』'), ('(', ')')]
        .iter()
        .any(|(open, close)| count(*open) > count(*close))
}

/// Whether brackets meet at the line end, where an extraction breaks a line because they are pressed together.
fn is_pressed(line: &str, next: &str) -> bool {
    line.ends_with(['」', '）', '】', '』']) && next.starts_with(['「', '（', '『'])
}

/// Whether the line goes on with what the one before left open.
fn closes(line: &str) -> bool {
    line.starts_with(['、', '。', '」', '）', '】'])
}

/// One line of a text with what its place tells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'s> {
    pub(crate) text: &'s str,
    /// Whether an ideographic space stands before it.
    pub(crate) indented: bool,
}

/// Joins the wrapped labels of a narrow column: each line either goes on with the label before it or begins a new one.
///
/// `column` is how wide the column usually is; the lines themselves may tell better.
pub(crate) fn labels(lines: &[&str], column: f32) -> Vec<Vec<usize>> {
    let widest = lines.iter().map(|line| Widths::Pressed.of(line)).fold(0.0, f32::max);
    let at_edge = lines.iter().filter(|line| Widths::Pressed.of(line) >= widest - 0.5).count();
    let edge = if at_edge > 1 { widest } else { widest.max(column) };
    let mut labels: Vec<Vec<usize>> = Vec::new();
    for i in 0..lines.len() {
        let goes_on = i > 0 && labels.last().is_some_and(|label| label_goes_on(lines, label, i, edge));
        match labels.last_mut() {
            Some(label) if goes_on => label.push(i),
            _ => labels.push(vec![i]),
        }
    }
    labels
}

/// How wide the widest of these lines is: a column's width, as far as one sheet tells.
pub(crate) fn column_width<'l>(lines: impl Iterator<Item = &'l str>, widths: Widths) -> f32 {
    lines.map(|line| widths.of(line)).fold(0.0, f32::max)
}

/// The width of the widest line that breaks off in the middle of a sentence: such a line is full.
pub(crate) fn full_width<'l>(lines: impl Iterator<Item = &'l str>, widths: Widths) -> Option<f32> {
    let full = lines.filter(|line| !ends_sentence(line)).map(|line| widths.of(line));
    full.reduce(f32::max)
}

/// Whether a line of a narrow column is so full that `next` was broken off it.
pub(crate) fn is_full(line: &str, next: &str, column: Column) -> bool {
    let mut chars = next.chars();
    let first = chars.next().map_or(0.0, |c| column.widths.of_char(c));
    // A character that may not begin a line takes the one before it along.
    let taken_along = chars.next().is_some_and(|c| {
        matches!(
            c,
            '、' | '。' | '）' | '」' | 'ー' | '・' | 'っ' | 'ッ' | 'ャ' | 'ュ' | 'ョ' | 'ゃ' | 'ゅ' | 'ょ'
        )
    });
    column.edge - column.widths.of(line) < first + if taken_along { 2.5 } else { 0.5 }
}

fn label_goes_on(lines: &[&str], label: &[usize], next: usize, edge: f32) -> bool {
    let whole: String = label.iter().map(|i| lines[*i]).collect();
    let (line, next) = (lines[next - 1], lines[next]);
    let first = next.chars().next().unwrap_or(' ');
    if begins_item(next) && first != '（' {
        return false;
    }
    if open_bracket(&whole)
        || closes(next)
        || matches!(first, 'ー' | '・' | 'っ' | 'ん' | 'を' | '々' | 'の' | '【')
    {
        return true;
    }
    // 「…を行う。」 ends a label whatever its width, but a bracket may follow.
    if whole.ends_with(['。', '】']) {
        return whole.ends_with('。') && first == '（';
    }
    if line.ends_with(PARTICLES) {
        return true;
    }
    let is_full = edge - Widths::Pressed.of(line) < Widths::Pressed.of_char(first);
    let end = Ending::of(&whole);
    let cut_word = is_katakana(line.chars().last()) && is_katakana(Some(first));
    match end {
        Ending::Strong => false,
        Ending::Weak => is_full,
        Ending::None => is_full || Widths::Proportional.of(line) > edge * if cut_word { 0.55 } else { 0.74 },
    }
}

const PARTICLES: [char; 14] =
    ['の', 'を', 'に', 'と', 'へ', 'で', 'や', 'が', 'は', '・', '、', 'な', '（', 'び'];

/// Whether a line ends where no text of a bar does, so that the next goes on with it.
pub(crate) fn is_broken_word(line: &str, next: &str) -> bool {
    line.ends_with(['・', '、', 'の', 'を', 'に', '（'])
        || closes(next)
        || (is_katakana(line.chars().last()) && is_katakana(next.chars().next()))
        || (next.chars().count() <= 2 && next.chars().all(|c| matches!(c, 'ぁ'..='ん')))
}

fn is_katakana(c: Option<char>) -> bool {
    c.is_some_and(|c| matches!(c, 'ァ'..='ヺ' | 'ー'))
}

/// How much the last word of a text sounds like the end of a label of work to be done.
#[derive(PartialEq, Eq)]
enum Ending {
    /// The label ends here.
    Strong,
    /// It may end here, or the word goes with the next: 調査｜内容, 活用｜方法.
    Weak,
    /// It hardly ends here.
    None,
}

const STRONG: [&str; 27] = [
    "実施",
    "検討",
    "作成",
    "策定",
    "公表",
    "調整",
    "協議",
    "更新",
    "推進",
    "分析",
    "導入",
    "開催",
    "見直し",
    "強化",
    "縮減",
    "促進",
    "充実",
    "精査",
    "収集",
    "反映",
    "完成",
    "合意",
    "検証",
    "決定",
    "構築",
    "把握",
    "改定",
];
const WEAK: [&str; 17] = [
    "活用", "調査", "整備", "支援", "管理", "運用", "評価", "募集", "設置", "拡大", "拡充", "手続", "周知",
    "開始", "案内", "広報", "研修",
];

impl Ending {
    fn of(text: &str) -> Self {
        let ends = |words: &[&str]| words.iter().any(|word| text.ends_with(word));
        if ends(&STRONG) {
            Self::Strong
        } else if ends(&WEAK) {
            Self::Weak
        } else {
            Self::None
        }
    }
}

/// Joins the wrapped labels of bars: narrow bars break their text where they like, so that only what a line ends or
/// begins with tells that it goes on.
pub(crate) fn bars(lines: &[&str]) -> Vec<Vec<usize>> {
    let mut bars: Vec<Vec<usize>> = Vec::new();
    for i in 0..lines.len() {
        let goes_on = i > 0 && bar_goes_on(lines[i - 1], lines[i]);
        match bars.last_mut() {
            Some(bar) if goes_on => bar.push(i),
            _ => bars.push(vec![i]),
        }
    }
    bars
}

fn bar_goes_on(line: &str, next: &str) -> bool {
    const NARROW: usize = 9;
    let particle = ["の", "を", "に", "と", "へ", "で", "や", "て", "づ", "、", "・", "（"]
        .iter()
        .any(|end| line.ends_with(end));
    let tail = ["の", "を", "に", "と", "へ", "で", "が", "は", "く", "る", "ー", "っ"]
        .iter()
        .any(|start| next.starts_with(start));
    let narrow = line.chars().count() <= NARROW
        && next.chars().count() <= NARROW
        && line.chars().count().abs_diff(next.chars().count()) <= 1;
    particle
        || tail
        || open_bracket(line)
        || (narrow && Ending::of(line) == Ending::None && next.ends_with("て"))
}
