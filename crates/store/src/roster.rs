//! Roles as a whole: what a transfer leaves a person with.

use kaikaku_domain::id::UserId;
use kaikaku_domain::person::Assignment;

use crate::StoreError;
use crate::change::Change;
use crate::database::run;

impl Change {
    /// Sets every role of a person, those of earlier and later days too. What they were before stands in the events.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn set_assignments(
        &mut self,
        user: UserId,
        assignments: &[Assignment],
    ) -> Result<(), StoreError> {
        run!(self.transaction, db => sqlx::query("delete from assignment where account_id = $1 and municipality_id = $2")
            .bind(user.number())
            .bind(self.municipality.number())
            .execute(db))?;
        for assignment in assignments {
            self.assign(user, assignment).await?;
        }
        Ok(())
    }
}
