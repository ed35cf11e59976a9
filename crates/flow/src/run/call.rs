//! Calls an action: its parameters filled in and checked, its cancellation, its result.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use serde_json::{Map, Value as Json};

use super::frame::{Frame, Stop};
use crate::{
    action::{Action, ActionContext, ActionError},
    document::{Named, Step},
    suggestion::did_you_mean,
    validate::Parameters,
    value::Value,
};

impl Frame {
    pub(super) async fn call(&mut self, step: &Step, name: &str, with: &[Named]) -> Result<Value, Stop> {
        let run = self.run.clone();
        let Some(action) = run.actions.get(name) else {
            let remedy = did_you_mean(name, run.actions.iter().map(|action| action.name), "actions");
            return Err(self.failed(step, "unknownAction", format!("there is no action \"{name}\"; {remedy}")));
        };
        let parameters = self.parameters(step, action, with)?;
        let cancel = self.cancel.child_token();
        let context = ActionContext {
            host: run.options.host.clone(),
            package_folder: run.options.package_folder.clone(),
            artifacts_folder: run.options.artifacts_folder.clone(),
            environment: run.options.environment.clone(),
            cancel: cancel.clone(),
            pause: run.options.pause.clone(),
            clock: run.options.clock.clone(),
        };
        let running = AssertUnwindSafe(action.run(context, parameters)).catch_unwind();
        tokio::pin!(running);
        let ended = tokio::select! {
            biased;
            ended = &mut running => ended,
            () = cancel.cancelled() => {
                // It has a moment to stop by itself; then it is dropped.
                let _ = tokio::time::timeout(run.options.limits.grace, &mut running).await;
                return Err(Stop::Cancelled);
            }
        };
        let result = match ended {
            Ok(Ok(result)) => result,
            Ok(Err(_)) if self.cancel.is_cancelled() => return Err(Stop::Cancelled),
            Ok(Err(ActionError { code, message })) => {
                return Err(self.failed(step, &code, message));
            }
            Err(_) => {
                let message = format!("\"{name}\" broke off: this is a fault of the action");
                return Err(self.failed(step, "internal", message));
            }
        };
        Value::from_json(result)
            .map_err(|error| self.failed(step, "tooLarge", format!("the result of \"{name}\": {error}")))
    }

    /// The parameters as JSON, checked against the action's schema.
    fn parameters(&self, step: &Step, action: &Action, with: &[Named]) -> Result<Json, Stop> {
        let parameters = Parameters::of(action);
        let refused = |message: String| self.failed(step, "invalidParameter", message);
        let mut object = Map::new();
        for field in with {
            let value = self.fill(step, &field.value)?;
            let schema = parameters.get(&field.name);
            let required = parameters.required().any(|name| name == field.name);
            if schema.is_none() && !parameters.open {
                let remedy = did_you_mean(&field.name, parameters.names(), "parameters");
                return Err(refused(format!("\"{}\" has no parameter \"{}\"; {remedy}", action.name, field.name)));
            }
            let json = parameters.json(schema, &value);
            let wrong = schema.and_then(|schema| parameters.wrong(schema, &json, ""));
            match wrong {
                // Nothing, where nothing is not a value: as if the parameter had been left out.
                Some(_) if json.is_null() && !required => {}
                Some(wrong) => return Err(refused(format!("the parameter \"{}\" {wrong}", field.name))),
                None => {
                    object.insert(field.name.clone(), json);
                }
            }
        }
        if let Some(missing) = parameters.required().find(|name| !object.contains_key(*name)) {
            return Err(refused(format!("\"{}\" needs the parameter \"{missing}\"", action.name)));
        }
        // An action without parameters may be declared with the unit type, which serde reads from null.
        let takes_nothing = action.parameters.get("type").is_some_and(|kind| kind == "null");
        Ok(if takes_nothing && object.is_empty() { Json::Null } else { Json::Object(object) })
    }
}
