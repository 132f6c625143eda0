//! People: their roles in departments, for how long, and as whose deputy.

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::id::{DepartmentId, MunicipalityId, UserId};
use crate::organisation::Organisation;

/// What a person is in the year's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 担当者: writes a department's entries and submits them.
    Author,
    /// 課長: writes as well, and confirms what was submitted.
    SectionHead,
    /// 部長: confirms what the departments of the division submitted.
    DivisionHead,
    /// 事務局: receives, checks, sends back, fixes.
    Secretariat,
    /// 本部員: reads what was received.
    Headquarters,
    /// 外部委員: reads what is fixed.
    Committee,
    /// 閲覧: reads what was received.
    Viewer,
    /// システム管理者: keeps the accounts; reads no sheets.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Author,
        Self::SectionHead,
        Self::DivisionHead,
        Self::Secretariat,
        Self::Headquarters,
        Self::Committee,
        Self::Viewer,
        Self::Administrator,
    ];

    /// The town hall's word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Author => "担当者",
            Self::SectionHead => "課長",
            Self::DivisionHead => "部長",
            Self::Secretariat => "事務局",
            Self::Headquarters => "本部員",
            Self::Committee => "外部委員",
            Self::Viewer => "閲覧",
            Self::Administrator => "システム管理者",
        }
    }

    /// The word in data.
    pub fn code(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::SectionHead => "section_head",
            Self::DivisionHead => "division_head",
            Self::Secretariat => "secretariat",
            Self::Headquarters => "headquarters",
            Self::Committee => "committee",
            Self::Viewer => "viewer",
            Self::Administrator => "administrator",
        }
    }

    /// The role that a town hall's word names; width and spaces do not matter.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| crate::text::reads_same(role.label(), label))
    }

    /// The role that a word in data names.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Whether it is held in a department; the others are held in the town as a whole.
    pub fn needs_department(self) -> bool {
        matches!(self, Self::Author | Self::SectionHead | Self::DivisionHead)
    }
}

/// One role of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The role.
    pub role: Role,
    /// The department in which it is held: for a 部長 the division.
    pub department: Option<DepartmentId>,
    /// The first day; none for always.
    pub from: Option<Date>,
    /// The last day; none as long as it goes on.
    pub to: Option<Date>,
    /// Whose deputy one is with it.
    pub deputy_of: Option<UserId>,
}

impl Assignment {
    /// Whether it is held on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// The person who asks, as of today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Whose town it is.
    pub municipality: MunicipalityId,
    /// The account.
    pub user: UserId,
    /// The person's name.
    pub name: String,
    /// The departments for which one writes.
    pub author_of: Vec<DepartmentId>,
    /// The departments that one heads.
    pub section_head_of: Vec<DepartmentId>,
    /// The departments of the divisions that one heads.
    pub division_head_of: Vec<DepartmentId>,
    /// The roles held in the town as a whole.
    pub town_roles: Vec<Role>,
}

impl Actor {
    /// The person with the assignments that hold on a day, each with the departments that it reaches: one's own, what it
    /// came from, and for a 部長 the division's.
    pub fn new(
        municipality: MunicipalityId,
        user: UserId,
        name: String,
        assignments: &[Assignment],
        organisation: &Organisation,
        day: Date,
    ) -> Self {
        let mut actor = Self {
            municipality,
            user,
            name,
            author_of: Vec::new(),
            section_head_of: Vec::new(),
            division_head_of: Vec::new(),
            town_roles: Vec::new(),
        };
        for assignment in assignments.iter().filter(|assignment| assignment.holds_on(day)) {
            let reach = |departments: Vec<DepartmentId>| {
                departments.into_iter().flat_map(|department| organisation.lineage(department))
            };
            match (assignment.role, assignment.department) {
                (Role::Author, Some(department)) => actor.author_of.extend(reach(vec![department])),
                (Role::SectionHead, Some(department)) => {
                    actor.section_head_of.extend(reach(vec![department]))
                }
                (Role::DivisionHead, Some(division)) => {
                    actor.division_head_of.extend(reach(organisation.division(division)));
                }
                (role, _) if !role.needs_department() => actor.town_roles.push(role),
                // A role of a department without one reaches nothing.
                _ => {}
            }
        }
        for departments in [&mut actor.author_of, &mut actor.section_head_of, &mut actor.division_head_of] {
            departments.sort_unstable();
            departments.dedup();
        }
        actor.town_roles.sort_unstable();
        actor.town_roles.dedup();
        actor
    }

    /// Whether one holds a role in the town as a whole.
    pub fn has(&self, role: Role) -> bool {
        self.town_roles.contains(&role)
    }

    /// Whether one holds any role in a department.
    pub fn belongs_to(&self, department: DepartmentId) -> bool {
        self.departments().any(|own| own == department)
    }

    /// Every department that one writes for or heads; one may come twice.
    pub fn departments(&self) -> impl Iterator<Item = DepartmentId> {
        self.author_of.iter().chain(&self.section_head_of).chain(&self.division_head_of).copied()
    }

    /// The town hall's words for what one is, in the order of the roles: `担当者・事務局`.
    pub fn roles(&self) -> String {
        let held = |role: &Role| match role {
            Role::Author => !self.author_of.is_empty(),
            Role::SectionHead => !self.section_head_of.is_empty(),
            Role::DivisionHead => !self.division_head_of.is_empty(),
            role => self.has(*role),
        };
        Role::ALL.iter().filter(|role| held(role)).map(|role| role.label()).collect::<Vec<_>>().join("・")
    }
}
