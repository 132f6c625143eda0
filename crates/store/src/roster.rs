//! Roles as a whole: what a transfer leaves a person with.

use kaikaku_domain::id::UserId;
use kaikaku_domain::person::Assignment;

use crate::StoreError;
use crate::change::Change;
use crate::row::binds;

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
        self.transaction
            .run(
                "delete from assignment where account_id = $1 and municipality_id = $2",
                binds![user.number(), self.municipality.number()],
            )
            .await?;
        for assignment in assignments {
            self.assign(user, assignment).await?;
        }
        Ok(())
    }
}
