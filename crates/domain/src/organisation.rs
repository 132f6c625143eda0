//! The departments of a town hall: 部 with their 課, each from one fiscal year to another, with what became of it.

use crate::fiscal_year::FiscalYear;
use crate::id::DepartmentId;

/// A department (部 or 課).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Its id.
    pub id: DepartmentId,
    /// Its name; two of one year never read the same.
    pub name: String,
    /// The division (部) that it belongs to.
    pub division: Option<DepartmentId>,
    /// The first fiscal year in which it exists.
    pub from_year: FiscalYear,
    /// The last fiscal year in which it exists; none as long as it goes on.
    pub to_year: Option<FiscalYear>,
    /// What became of it: one when renamed or merged, several when split.
    pub successors: Vec<DepartmentId>,
}

impl Department {
    /// Whether it exists in a fiscal year.
    pub fn exists_in(&self, year: FiscalYear) -> bool {
        self.from_year <= year && self.to_year.is_none_or(|last| year <= last)
    }
}

/// All departments of a municipality, of every year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organisation {
    /// In the order of the town's own list.
    pub departments: Vec<Department>,
}

impl Organisation {
    /// The department of this id.
    pub fn department(&self, id: DepartmentId) -> Option<&Department> {
        self.departments.iter().find(|department| department.id == id)
    }

    /// The department that had this name in a fiscal year.
    pub fn named(&self, name: &str, year: FiscalYear) -> Option<&Department> {
        self.departments
            .iter()
            .find(|department| department.exists_in(year) && crate::text::reads_same(&department.name, name))
    }

    /// A department and all that it came from: its people read what their predecessors wrote.
    pub fn lineage(&self, id: DepartmentId) -> Vec<DepartmentId> {
        let mut lineage = vec![id];
        let mut next = 0;
        while let Some(successor) = lineage.get(next).copied() {
            for department in &self.departments {
                if department.successors.contains(&successor) && !lineage.contains(&department.id) {
                    lineage.push(department.id);
                }
            }
            next += 1;
        }
        lineage
    }

    /// The departments of a division, and the division itself.
    pub fn division(&self, id: DepartmentId) -> Vec<DepartmentId> {
        let own = self.departments.iter().filter(|department| department.division == Some(id));
        std::iter::once(id).chain(own.map(|department| department.id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn department(id: i64, name: &str, years: (i32, Option<i32>), successors: &[i64]) -> Department {
        Department {
            id: DepartmentId::new(id),
            name: name.to_owned(),
            division: (id > 1).then_some(DepartmentId::new(1)),
            from_year: FiscalYear::new(years.0).unwrap(),
            to_year: years.1.map(|year| FiscalYear::new(year).unwrap()),
            successors: successors.iter().copied().map(DepartmentId::new).collect(),
        }
    }

    fn organisation() -> Organisation {
        Organisation {
            departments: vec![
                department(1, "上下水道部", (2023, None), &[]),
                department(2, "水道課", (2023, Some(2024)), &[4]),
                department(3, "下水道課", (2023, Some(2024)), &[4]),
                department(4, "上下水道課", (2025, Some(2025)), &[5, 6]),
                department(5, "水道課", (2026, None), &[]),
                department(6, "下水道課", (2026, None), &[]),
            ],
        }
    }

    #[test]
    fn a_name_means_the_department_that_had_it_in_that_year() {
        let organisation = organisation();
        let named = |name, year| {
            organisation.named(name, FiscalYear::new(year).unwrap()).map(|department| department.id.number())
        };
        assert_eq!(named("水道課", 2024), Some(2));
        assert_eq!(named("水道課", 2025), None);
        assert_eq!(named("水 道課", 2026), Some(5));
    }

    #[test]
    fn people_of_a_split_department_read_what_was_written_before_merger_and_split() {
        let lineage = organisation().lineage(DepartmentId::new(5));
        assert_eq!(lineage.iter().map(|id| id.number()).collect::<Vec<_>>(), [5, 4, 2, 3]);
    }

    #[test]
    fn a_division_is_itself_and_its_departments() {
        assert_eq!(organisation().division(DepartmentId::new(1)).len(), 6);
    }
}
