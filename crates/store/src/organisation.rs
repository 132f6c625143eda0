//! Municipalities, departments and who holds which role in them.

use kaikaku_domain::id::{DepartmentId, MunicipalityId, UserId};
use kaikaku_domain::organisation::{Department, Organisation};
use kaikaku_domain::person::{Assignment, Role};
use kaikaku_domain::workflow::Route;
use kaikaku_domain::{FiscalYear, Moment};

use crate::StoreError;
use crate::change::Change;
use crate::database::Store;
use crate::row::binds;

/// A municipality of the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Municipality {
    /// Its id.
    pub id: MunicipalityId,
    /// The national code, six digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The confirmations that it wants.
    pub route: Route,
}

/// A person with everything that one holds, today and at other times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub user: UserId,
    /// What is typed to sign in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// Since when the account is closed; none while it is open.
    pub disabled_at: Option<Moment>,
    /// The roles.
    pub assignments: Vec<Assignment>,
}

type DepartmentRow = (i64, String, Option<i64>, i64, Option<i64>);
type AssignmentRow = (i64, String, Option<i64>, Option<String>, Option<String>, Option<i64>);

impl Store {
    /// All municipalities in the order of their codes.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn municipalities(&self) -> Result<Vec<Municipality>, StoreError> {
        let rows: Vec<(i64, String, String, String)> =
            self.all("select id, code, name, route from municipality order by code", binds![]).await?;
        rows.into_iter()
            .map(|(id, code, name, route)| {
                let route = Route::from_code(&route)
                    .ok_or_else(|| StoreError::Corrupt(format!("route `{route}`")))?;
                Ok(Municipality { id: MunicipalityId::new(id), code, name, route })
            })
            .collect()
    }

    /// Founds a municipality, or finds the one of this code.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn found(&self, code: &str, name: &str, route: Route) -> Result<MunicipalityId, StoreError> {
        // The one thing that is written before there is a chain that could tell of it.
        let mut founding = self.begin().await?;
        founding
            .run(
                "insert into municipality (code, name, route)
                 values ($1, $2, $3) on conflict (code) do nothing",
                binds![code, name, route.code()],
            )
            .await?;
        let (id,): (i64,) = founding.one("select id from municipality where code = $1", binds![code]).await?;
        founding.commit().await?;
        Ok(MunicipalityId::new(id))
    }

    /// The departments of a municipality, of every year.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn organisation(&self, municipality: MunicipalityId) -> Result<Organisation, StoreError> {
        let rows: Vec<DepartmentRow> = self
            .all(
                "select id, name, division_id, from_year, to_year from department
                 where municipality_id = $1 order by position, id",
                binds![municipality.number()],
            )
            .await?;
        let successors: Vec<(i64, i64)> = self
            .all(
                "select s.department_id, s.successor_id from department_successor s
                 join department d on d.id = s.department_id
                 where d.municipality_id = $1 order by s.department_id, s.successor_id",
                binds![municipality.number()],
            )
            .await?;
        let departments = rows.into_iter().map(|(id, name, division, from_year, to_year)| {
            let own = successors.iter().filter(|(department, _)| *department == id);
            Ok(Department {
                id: DepartmentId::new(id),
                name,
                division: division.map(DepartmentId::new),
                from_year: crate::fiscal_year(from_year)?,
                to_year: to_year.map(crate::fiscal_year).transpose()?,
                successors: own.map(|(_, successor)| DepartmentId::new(*successor)).collect(),
            })
        });
        Ok(Organisation { departments: departments.collect::<Result<_, StoreError>>()? })
    }

    /// The roles of one person.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn assignments(
        &self,
        municipality: MunicipalityId,
        user: UserId,
    ) -> Result<Vec<Assignment>, StoreError> {
        let rows: Vec<AssignmentRow> = self
            .all(
                "select account_id, role, department_id, from_day, to_day, deputy_of from assignment
                 where municipality_id = $1 and account_id = $2 order by id",
                binds![municipality.number(), user.number()],
            )
            .await?;
        rows.iter().map(assignment).collect()
    }

    /// Everyone with an account, by sign-in name, with every role.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn people(&self, municipality: MunicipalityId) -> Result<Vec<Person>, StoreError> {
        let accounts: Vec<(i64, String, String, Option<String>)> = self
            .all(
                "select id, login, name, disabled_at
                 from account where municipality_id = $1 order by login",
                binds![municipality.number()],
            )
            .await?;
        let rows: Vec<AssignmentRow> = self
            .all(
                "select account_id, role, department_id, from_day, to_day, deputy_of from assignment
                 where municipality_id = $1 order by id",
                binds![municipality.number()],
            )
            .await?;
        let people = accounts.into_iter().map(|(id, login, name, disabled_at)| {
            let own = rows.iter().filter(|row| row.0 == id);
            Ok(Person {
                user: UserId::new(id),
                login,
                name,
                disabled_at: disabled_at.as_deref().map(crate::moment).transpose()?,
                assignments: own.map(assignment).collect::<Result<_, StoreError>>()?,
            })
        });
        people.collect()
    }
}

fn assignment((_, role, department, from, to, deputy_of): &AssignmentRow) -> Result<Assignment, StoreError> {
    Ok(Assignment {
        role: Role::from_code(role).ok_or_else(|| StoreError::Corrupt(format!("role `{role}`")))?,
        department: department.map(DepartmentId::new),
        from: from.as_deref().map(crate::day).transpose()?,
        to: to.as_deref().map(crate::day).transpose()?,
        deputy_of: deputy_of.map(UserId::new),
    })
}

impl Change {
    /// Adds a department.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn add_department(
        &mut self,
        name: &str,
        division: Option<DepartmentId>,
        from_year: FiscalYear,
        to_year: Option<FiscalYear>,
    ) -> Result<DepartmentId, StoreError> {
        let id = self
            .transaction
            .insert(
                "insert into department (municipality_id, position, name, division_id, from_year, to_year)
                 values ($1, 1 + coalesce((select max(position) from department where municipality_id = $1), 0),
                         $2, $3, $4, $5)
                ",
                binds![
                    self.municipality.number(),
                    name,
                    division.map(DepartmentId::number),
                    i64::from(from_year.year()),
                    to_year.map(|year| i64::from(year.year()))
                ],
            )
            .await?;
        Ok(DepartmentId::new(id))
    }

    /// Sets a department's division, years and successors.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn set_department(&mut self, department: &Department) -> Result<(), StoreError> {
        let touched = self
            .transaction
            .run(
                "update department set division_id = $2, from_year = $3, to_year = $4
                 where id = $1 and municipality_id = $5",
                binds![
                    department.id.number(),
                    department.division.map(DepartmentId::number),
                    i64::from(department.from_year.year()),
                    department.to_year.map(|year| i64::from(year.year())),
                    self.municipality.number()
                ],
            )
            .await?;
        crate::is_there(touched)?;
        self.transaction
            .run("delete from department_successor where department_id = $1", binds![department.id.number()])
            .await?;
        for successor in &department.successors {
            self.transaction
                .run(
                    "insert into department_successor (department_id, successor_id) values ($1, $2)",
                    binds![department.id.number(), successor.number()],
                )
                .await?;
        }
        Ok(())
    }

    /// Gives a person a role.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn assign(&mut self, user: UserId, assignment: &Assignment) -> Result<(), StoreError> {
        let touched = self
            .transaction
            .run(
                "insert into assignment (municipality_id, account_id, role, department_id, from_day,
                     to_day, deputy_of)
                 select municipality_id, id, $3, $4, $5, $6, $7
                 from account where municipality_id = $1 and id = $2",
                binds![
                    self.municipality.number(),
                    user.number(),
                    assignment.role.code(),
                    assignment.department.map(DepartmentId::number),
                    assignment.from.map(|day| day.to_string()),
                    assignment.to.map(|day| day.to_string()),
                    assignment.deputy_of.map(UserId::number)
                ],
            )
            .await?;
        crate::is_there(touched)
    }
}
