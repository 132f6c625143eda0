//! What a person is to an entry, and what follows from it for reading.

use crate::id::DepartmentId;
use crate::person::{Actor, Role};

use super::State;

/// One thing that a person is to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Writes for the department that answers.
    Author,
    /// Heads the department that answers.
    SectionHead,
    /// Heads the division of the department that answers.
    DivisionHead,
    /// Belongs to another lead department of the sheet.
    CoLead,
    /// Belongs to a supporting department of the sheet.
    Supporter,
    /// Belongs to the secretariat.
    Secretariat,
    /// Belongs to the headquarters.
    Headquarters,
    /// Reads only.
    Viewer,
    /// Belongs to the committee.
    Committee,
}

/// Everything that a person is to an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relations(Vec<Relation>);

/// Which text of an entry a person may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// None, and that there is one neither.
    Nothing,
    /// That there is one and where it is, but no text: nothing of it has come so far.
    Outline,
    /// What was submitted.
    Record,
    /// What is being written, too.
    Draft,
}

impl Relations {
    /// What a person is to the entry of these departments: those that answer in it, the sheet's leads, its supporters.
    pub fn of(
        actor: &Actor,
        answering: &[DepartmentId],
        leads: &[DepartmentId],
        supporting: &[DepartmentId],
    ) -> Self {
        let any =
            |own: &[DepartmentId], of: &[DepartmentId]| of.iter().any(|department| own.contains(department));
        let belongs = |of: &[DepartmentId]| of.iter().any(|department| actor.belongs_to(*department));
        let answers = belongs(answering);
        let held = [
            (Relation::Author, any(&actor.author_of, answering)),
            (Relation::SectionHead, any(&actor.section_head_of, answering)),
            (Relation::DivisionHead, any(&actor.division_head_of, answering)),
            (Relation::CoLead, !answers && belongs(leads)),
            (Relation::Supporter, !answers && belongs(supporting)),
            (Relation::Secretariat, actor.has(Role::Secretariat)),
            (Relation::Headquarters, actor.has(Role::Headquarters)),
            (Relation::Viewer, actor.has(Role::Viewer)),
            (Relation::Committee, actor.has(Role::Committee)),
        ];
        Self(held.into_iter().filter(|(_, holds)| *holds).map(|(relation, _)| relation).collect())
    }

    /// These relations.
    pub fn from_slice(relations: &[Relation]) -> Self {
        Self(relations.to_vec())
    }

    /// Whether this is one of them.
    pub fn has(&self, relation: Relation) -> bool {
        self.0.contains(&relation)
    }

    /// Whether any of these is one of them.
    pub fn has_any(&self, relations: &[Relation]) -> bool {
        relations.iter().any(|relation| self.has(*relation))
    }

    /// What one may read of an entry in a state: the widest that any relation gives.
    pub fn sight(&self, state: &State) -> Sight {
        self.0.iter().map(|relation| relation.sight(state)).max().unwrap_or(Sight::Nothing)
    }

    /// Whether one may comment on what one reads.
    pub fn may_comment(&self) -> bool {
        use Relation::{Author, CoLead, DivisionHead, Secretariat, SectionHead, Supporter};
        self.has_any(&[Author, SectionHead, DivisionHead, CoLead, Supporter, Secretariat])
    }
}

impl Relation {
    fn sight(self, state: &State) -> Sight {
        let has_been_received = matches!(state, State::Received { .. } | State::Fixed { .. });
        match self {
            Self::Author | Self::SectionHead | Self::DivisionHead => Sight::Draft,
            Self::CoLead | Self::Supporter | Self::Secretariat => Sight::Record,
            Self::Headquarters | Self::Viewer if has_been_received => Sight::Record,
            Self::Headquarters | Self::Viewer => Sight::Outline,
            Self::Committee if matches!(state, State::Fixed { .. }) => Sight::Record,
            Self::Committee => Sight::Nothing,
        }
    }
}
