//! The answers: ratings and narratives by period and lead department.

use std::ops::Range;

use kaikaku_domain::Severity;
use kaikaku_domain::sheet::Response;

use super::Reader;
use crate::labels::Role;
use crate::tokens::Kind;

/// What stands under one period, in source order.
#[derive(Default)]
struct Period {
    /// Tokens that are grades.
    ratings: Vec<usize>,
    /// Lines of narrative.
    lines: Vec<Range<usize>>,
}

/// A narrative with the department that a mark in it names.
struct Narrative {
    department: Option<String>,
    lines: Vec<Range<usize>>,
}

impl Reader<'_, '_> {
    /// Grades and text belong to the period label before them; several leads' answers are told apart by their marks,
    /// where there are none by the order of the leads.
    pub(super) fn read_answers(&mut self) {
        let periods = self.collect_periods();
        let leads = match self.sheet.lead_departments.clone() {
            none if none.is_empty() => vec![String::new()],
            leads => leads,
        };
        let mut answers: Vec<Response> = Vec::new();
        for (period, found) in self.frame.periods.clone().into_iter().zip(periods) {
            let ratings = self.take_ratings(&found, &leads, &period);
            let mut narratives = self.split_by_department(&found.lines, &leads);
            for (i, department) in leads.iter().enumerate() {
                let marked = narratives.iter().position(|one| one.department.as_ref() == Some(department));
                let unmarked = narratives.iter().position(|one| one.department.is_none());
                let narrative =
                    marked.or(unmarked.filter(|_| i + 1 == leads.len() || leads.len() == narratives.len()));
                let narrative = narrative.map(|at| narratives.remove(at));
                let narrative = narrative
                    .map(|one| self.take_paragraphs(&one.lines, "narrative"))
                    .filter(|text| !text.is_empty());
                answers.push(Response {
                    department: department.clone(),
                    period: period.clone(),
                    rating: ratings.get(i).cloned().flatten(),
                    narrative,
                });
            }
        }
        // A department's answers stand together, its periods in order.
        answers.sort_by_key(|answer| leads.iter().position(|lead| *lead == answer.department));
        self.find_missing(&answers);
        self.sheet.responses = answers;
    }

    fn collect_periods(&mut self) -> Vec<Period> {
        let mut periods: Vec<Period> = self.frame.periods.iter().map(|_| Period::default()).collect();
        // A form with one period need not print its name beside rating and narrative.
        let single = (periods.len() == 1).then_some(0);
        let answer_fields: Vec<Role> = ["rating", "narrative"]
            .iter()
            .filter_map(|code| crate::labels::field_of(self.frame.form, code).map(Role::Field))
            .collect();
        let (mut current, mut is_open, mut told_last) = (None, false, None);
        let leads = self.sheet.lead_departments.len().max(1);
        for at in 0..self.tokens.len() {
            match self.tokens[at].kind {
                Kind::Label(Role::Period(period)) => {
                    // A period that has all its answers takes no more text when its label comes once more.
                    let is_complete = periods.get(period).is_some_and(|one| {
                        let told = if leads > 1 { self.marks_in(&one.lines) } else { one.lines.len() };
                        one.ratings.len() >= leads && told >= leads
                    });
                    (current, is_open) = (Some(period), !is_complete || self.is_mark(at + 1));
                }
                Kind::Label(role) if single.is_some() && answer_fields.contains(&role) => {
                    (current, is_open) = (single, true)
                }
                Kind::Label(Role::Grade(_)) => {
                    if let Some(period) = current.and_then(|period| periods.get_mut(period)) {
                        period.ratings.push(at);
                        let told = self.marks_in(&period.lines);
                        let behind_mark = at > 0 && self.is_mark(at - 1);
                        is_open &= period.lines.is_empty() || behind_mark || (leads > 1 && told < leads);
                    }
                }
                Kind::Text if (is_open || self.tokens[at].breaks) && self.is_open_text(at) => {
                    if !is_open {
                        // The page before ended in the middle of a narrative: the last one that has any text.
                        current = told_last.or(current);
                        is_open = true;
                    }
                    told_last = current;
                    if let Some(period) = current.and_then(|period| periods.get_mut(period)) {
                        period.lines.push(self.tokens[at].range.clone());
                    }
                }
                Kind::Text => {}
                _ => is_open = false,
            }
        }
        self.even_out(&mut periods, leads);
        periods
    }

    /// Ratings that all landed under one period's label, as when a column of labels comes before the column of
    /// ratings, go to the periods in order, if there are just as many as there should be.
    fn even_out(&self, periods: &mut [Period], leads: usize) {
        let mut all: Vec<usize> = periods.iter().flat_map(|period| period.ratings.iter().copied()).collect();
        let is_uneven = periods.iter().any(|period| period.ratings.len() > leads);
        if is_uneven && all.len() == periods.len() * leads {
            all.sort_unstable();
            for (period, ratings) in periods.iter_mut().zip(all.chunks(leads)) {
                period.ratings = ratings.to_vec();
            }
        }
    }

    /// Whether the token is nothing but a lead's mark.
    fn is_mark(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at).filter(|token| token.is_text()) else { return false };
        let text = self.ledger.text(&token.range).trim();
        self.sheet.lead_departments.iter().any(|lead| self.frame.form.department_mark(lead) == text)
    }

    fn marks_in(&self, lines: &[Range<usize>]) -> usize {
        let text: String = lines.iter().map(|line| self.ledger.text(line).trim()).collect();
        let leads = &self.sheet.lead_departments;
        leads.iter().filter(|lead| text.contains(&self.frame.form.department_mark(lead))).count()
    }

    /// The ratings of a period in the order of the leads; what does not match their number is left and told.
    fn take_ratings(&mut self, period: &Period, leads: &[String], name: &str) -> Vec<Option<String>> {
        if period.ratings.len() > leads.len() {
            let evidence: Vec<&str> =
                period.ratings.iter().map(|at| self.ledger.text(&self.tokens[*at].range)).collect();
            let evidence = evidence.join("・");
            let label = format!("{}（{name}）", self.label_of("rating"));
            self.find(
                "sheet.ratings",
                Severity::Warning,
                &label,
                "評価が回答の数より多く、どれが評価か決められません。",
                evidence,
            );
            return vec![None; leads.len()];
        }
        if period.ratings.len() < leads.len() && leads.len() > 1 && !period.ratings.is_empty() {
            // Which lead the one rating belongs to cannot be told.
            return vec![None; leads.len()];
        }
        period
            .ratings
            .iter()
            .map(|at| {
                let Kind::Label(Role::Grade(grade)) = self.tokens[*at].kind else { return None };
                self.ledger.take(&self.tokens[*at].range, "rating")?;
                self.frame.grades.get(grade).cloned()
            })
            .collect()
    }

    /// Cuts a period's lines at department marks. A mark ends its department's text, as at the end of a narrative, or
    /// begins it when the first line begins with one. A mark may be broken across lines.
    fn split_by_department(&mut self, lines: &[Range<usize>], leads: &[String]) -> Vec<Narrative> {
        if leads.len() < 2 {
            return vec![Narrative { department: leads.first().cloned(), lines: lines.to_vec() }];
        }
        let marks = self.marks(lines, leads);
        let leading =
            marks.first().is_some_and(|mark| mark.from == (0, lines.first().map_or(0, |line| line.start)));
        let mut narratives: Vec<Narrative> = Vec::new();
        let mut rest = Narrative { department: None, lines: Vec::new() };
        let mut marks = marks.into_iter().peekable();
        for (i, line) in lines.iter().enumerate() {
            let mut start = line.start;
            while let Some(mark) = marks.next_if(|mark| mark.from.0 == i) {
                push(&mut rest.lines, start..mark.from.1);
                if leading {
                    narratives.extend((!rest.lines.is_empty()).then_some(std::mem::replace(
                        &mut rest,
                        Narrative { department: None, lines: Vec::new() },
                    )));
                    rest.department = Some(mark.department.clone());
                } else {
                    let lines = std::mem::take(&mut rest.lines);
                    narratives.push(Narrative { department: Some(mark.department.clone()), lines });
                }
                for piece in &mark.pieces {
                    self.ledger.label(piece);
                }
                start = mark
                    .pieces
                    .iter()
                    .filter(|piece| line.start <= piece.start && piece.end <= line.end)
                    .map(|piece| piece.end)
                    .max()
                    .unwrap_or(start);
            }
            // The line may begin with the end of a mark that began on the line before.
            let begun = lines[..i].len();
            let _ = begun;
            if !self.ledger.is_free(&(start..line.end)) {
                start = first_free(self.ledger, start..line.end);
            }
            push(&mut rest.lines, start..line.end);
        }
        narratives.extend((!rest.lines.is_empty()).then_some(rest));
        narratives
    }

    fn marks(&self, lines: &[Range<usize>], leads: &[String]) -> Vec<Mark> {
        // The lines as one text, each character with its line and place.
        let chars: Vec<(char, usize, usize)> = lines
            .iter()
            .enumerate()
            .flat_map(|(i, line)| {
                self.ledger.text(line).char_indices().map(move |(at, c)| (c, i, line.start + at))
            })
            .filter(|(c, ..)| !c.is_whitespace())
            .collect();
        let mut marks: Vec<Mark> = Vec::new();
        for department in leads {
            let mark: Vec<char> =
                self.frame.form.department_mark(department).chars().filter(|c| !c.is_whitespace()).collect();
            for window in chars.windows(mark.len().max(1)) {
                if window.iter().map(|(c, ..)| *c).eq(mark.iter().copied()) {
                    marks.push(Mark {
                        department: department.clone(),
                        from: (window[0].1, window[0].2),
                        pieces: pieces(window),
                    });
                }
            }
        }
        marks.sort_by_key(|mark| mark.from);
        marks
    }

    fn find_missing(&mut self, answers: &[Response]) {
        for answer in answers {
            let place = format!("{}・{}", answer.department, answer.period);
            if answer.rating.is_none() {
                let label = format!("{}（{place}）", self.label_of("rating"));
                self.find("sheet.rating", Severity::Warning, &label, "評価を読み取れません。", String::new());
            }
            if answer.narrative.is_none() {
                let label = format!("{}（{place}）", self.label_of("narrative"));
                self.find(
                    "sheet.narrative",
                    Severity::Warning,
                    &label,
                    "取組の状況を読み取れません。",
                    String::new(),
                );
            }
        }
    }

    fn label_of(&self, code: &str) -> String {
        self.frame.form.field(code).map_or_else(|| code.to_owned(), |field| field.label.clone())
    }
}

struct Mark {
    department: String,
    /// Line and byte where it begins.
    from: (usize, usize),
    /// Its bytes, line by line.
    pieces: Vec<Range<usize>>,
}

fn pieces(window: &[(char, usize, usize)]) -> Vec<Range<usize>> {
    let mut pieces: Vec<(usize, Range<usize>)> = Vec::new();
    for (c, line, at) in window {
        let end = at + c.len_utf8();
        match pieces.last_mut() {
            Some((last, piece)) if last == line => piece.end = end,
            _ => pieces.push((*line, *at..end)),
        }
    }
    pieces.into_iter().map(|(_, piece)| piece).collect()
}

fn first_free(ledger: &Ledger<'_>, range: Range<usize>) -> usize {
    ledger
        .text(&range)
        .char_indices()
        .map(|(at, _)| range.start + at)
        .find(|at| ledger.is_free(&(*at..range.end)))
        .unwrap_or(range.end)
}

fn push(lines: &mut Vec<Range<usize>>, range: Range<usize>) {
    if !range.is_empty() {
        lines.push(range);
    }
}

use crate::ledger::Ledger;
