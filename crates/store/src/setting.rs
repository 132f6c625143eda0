//! What a municipality sets for itself.

use kaikaku_domain::Moment;
use kaikaku_domain::id::UserId;
use kaikaku_domain::workflow::Route;
use serde_json::json;

use crate::StoreError;
use crate::chain::NewEvent;
use crate::change::Change;
use crate::row::binds;

impl Change {
    /// Sets the confirmations that the municipality wants, with the event `route_set`. What waits for one that is no
    /// longer wanted waits for the next.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn set_route(
        &mut self,
        route: Route,
        by: Option<UserId>,
        at: Moment,
    ) -> Result<(), StoreError> {
        self.transaction
            .run(
                "update municipality set route = $2 where id = $1",
                binds![self.municipality.number(), route.code()],
            )
            .await?;
        let data = json!({ "route": route.code() });
        self.note(NewEvent { at, user: by, kind: "route_set", entry: None, data }).await?;
        Ok(())
    }
}
