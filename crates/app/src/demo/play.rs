//! Plays the story: each act by its person through `workflow`, as the pages do it.

use std::collections::BTreeMap;

use kaikaku_domain::id::{DepartmentId, EntryId, MunicipalityId, YearId};
use kaikaku_domain::organisation::Organisation;
use kaikaku_domain::person::Actor;
use kaikaku_domain::workflow::Route;
use kaikaku_store::Store;

use super::DemoError;
use super::documents::Years;
use super::script::{Act, Deed, Place, Who};
use crate::workflow::{self, Found, Moved, Saved};

/// Everyone who acts, and every entry that is acted on.
struct Stage {
    organisation: Organisation,
    /// By sign-in name.
    people: Vec<(String, Actor)>,
    entries: BTreeMap<(bool, String, String, String), EntryId>,
}

/// Plays the acts in their order.
pub(super) async fn play(
    store: &Store,
    town: MunicipalityId,
    years: &Years,
    acts: Vec<Act>,
) -> Result<(), DemoError> {
    let stage = Stage::set(store, town, years).await?;
    for act in acts {
        let (actor, entry) = (stage.person(act.who, act.entry)?, stage.entry(act.entry)?);
        if !perform(store, actor, entry, &act).await? {
            return Err(DemoError::Data(format!(
                "{} {} {}",
                act.entry.reference, act.entry.department, act.at
            )));
        }
    }
    Ok(())
}

/// Whether the act had the outcome that the story wants.
async fn perform(store: &Store, actor: &Actor, entry: EntryId, act: &Act) -> Result<bool, DemoError> {
    let Some(found) = Found::find(store, actor, entry).await? else { return Ok(false) };
    let seen = found.entry.version;
    Ok(match &act.deed {
        Deed::Save(content) => {
            let saved = workflow::save(store, &found, actor, (seen, content), act.at).await?;
            matches!(saved, Saved::Kept { .. })
        }
        Deed::SaveLate(content) => {
            let saved = workflow::save(store, &found, actor, (seen - 1, content), act.at).await?;
            matches!(saved, Saved::Stale { .. })
        }
        Deed::Make(step, remarks) => {
            let step = (seen, step.clone());
            let route = Route::SectionHead;
            workflow::make(store, &found, actor, route, step, remarks, act.at).await? == Moved::Done
        }
        Deed::Comment(body) => {
            workflow::comment(store, &found, actor, (None, body), act.at).await?;
            true
        }
    })
}

impl Stage {
    async fn set(store: &Store, town: MunicipalityId, years: &Years) -> Result<Self, DemoError> {
        let organisation = store.organisation(town).await?;
        let today = super::beginning().day();
        let people: Vec<(String, Actor)> = store
            .people(town)
            .await?
            .into_iter()
            .map(|person| {
                let roles = &person.assignments;
                let actor = Actor::new(town, person.user, person.name, roles, &organisation, today);
                (person.login, actor)
            })
            .collect();
        let mut stage = Self { organisation, people, entries: BTreeMap::new() };
        for (is_next, year) in [(false, years.current), (true, years.next)] {
            stage.place_entries(store, town, is_next, year).await?;
        }
        Ok(stage)
    }

    async fn place_entries(
        &mut self,
        store: &Store,
        town: MunicipalityId,
        is_next: bool,
        year: YearId,
    ) -> Result<(), DemoError> {
        let found = store.year(town, year).await?.ok_or_else(|| DemoError::Data(format!("year {year}")))?;
        let secretary = self.named("kobayashi")?;
        for line in store.lines(secretary, year).await? {
            let period = found.period(line.period).map(|period| period.name.clone()).unwrap_or_default();
            self.entries.insert((is_next, period, line.reference, line.department_name), line.entry);
        }
        Ok(())
    }

    fn entry(&self, place: Place) -> Result<EntryId, DemoError> {
        let Place { is_next_year, period, reference, department } = place;
        let key = (is_next_year, period.to_owned(), reference.to_owned(), department.to_owned());
        let entry = self.entries.get(&key).copied();
        entry.ok_or_else(|| DemoError::Data(format!("{period} {reference} {department}")))
    }

    fn person(&self, who: Who, place: Place) -> Result<&Actor, DemoError> {
        let unknown = || DemoError::Data(place.department.to_owned());
        let mut departments = self.organisation.departments.iter();
        let department = departments.find(|department| department.name == place.department);
        let department = department.ok_or_else(unknown)?.id;
        let first = |holds: fn(&Actor) -> &[DepartmentId]| {
            let mut actors = self.people.iter().map(|(_, actor)| actor);
            actors.find(|actor| holds(actor).contains(&department)).ok_or_else(unknown)
        };
        match who {
            Who::Clerk => first(|actor| &actor.author_of),
            Who::Head => first(|actor| &actor.section_head_of),
            Who::Named(login) => self.named(login),
        }
    }

    fn named(&self, login: &str) -> Result<&Actor, DemoError> {
        let found = self.people.iter().find(|(own, _)| own == login).map(|(_, actor)| actor);
        found.ok_or_else(|| DemoError::Data(login.to_owned()))
    }
}
