use kaikaku_domain::Moment;
use kaikaku_domain::id::{RevisionId, UserId};

use super::*;

fn line(number: i64, was_submitted: bool) -> RevisionLine {
    let at = Moment::from_unix_ms(number * 60_000);
    RevisionLine { id: RevisionId::new(100 + number), number, by: Some(UserId::new(1)), at, was_submitted }
}

#[test]
fn a_version_is_named_by_number_time_and_kind() {
    assert_eq!(name(&line(5, true)), "版5（1月1日 09:05 提出した文章）");
    let loaded = RevisionLine { by: None, ..line(1, true) };
    assert_eq!(name(&loaded), "版1（1月1日 09:01 読込み）");
}
