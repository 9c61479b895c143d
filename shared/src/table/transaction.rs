//! Changes that happen together or not at all.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update};
use serde::Serialize;

use super::error::Error;
use super::item::{Attributes, to_attributes, to_value};
use super::key::{Key, PARTITION_KEY};
use crate::domain::room::Token;

/// The most actions that DynamoDB takes in one transaction.
pub(super) const MAX_ACTIONS: usize = 100;

/// What must hold of an item for a change to happen.
#[derive(Clone, Default)]
pub(super) struct Condition {
    clauses: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Condition {
    /// The item exists.
    pub(super) fn exists() -> Self {
        Self::default().has(PARTITION_KEY)
    }

    /// There is no such item.
    pub(super) fn missing() -> Self {
        Self::default().without(PARTITION_KEY)
    }

    /// The item has the attribute.
    pub(super) fn has(mut self, attribute: &str) -> Self {
        let name = self.name(attribute);
        self.clauses.push(format!("attribute_exists({name})"));
        self
    }

    /// The attribute has this value.
    pub(super) fn with(self, attribute: &str, value: &impl Serialize) -> Result<Self, Error> {
        self.compared(attribute, "=", value)
    }

    /// The attribute is above this value.
    pub(super) fn above(self, attribute: &str, value: &impl Serialize) -> Result<Self, Error> {
        self.compared(attribute, ">", value)
    }

    /// One of two attributes is above its value.
    pub(super) fn either_above(
        mut self,
        one: (&str, &impl Serialize),
        other: (&str, &impl Serialize),
    ) -> Result<Self, Error> {
        let known = self.clauses.len();
        self = self.above(one.0, one.1)?.above(other.0, other.1)?;
        let either = self.clauses.split_off(known).join(" OR ");
        self.clauses.push(format!("({either})"));
        Ok(self)
    }

    /// The item lacks the attribute.
    pub(super) fn without(mut self, attribute: &str) -> Self {
        let name = self.name(attribute);
        self.clauses.push(format!("attribute_not_exists({name})"));
        self
    }

    /// The item has the attribute with this value, or lacks it when there is none.
    pub(super) fn same(self, attribute: &str, value: Option<&impl Serialize>) -> Result<Self, Error> {
        match value {
            Some(value) => self.with(attribute, value),
            None => Ok(self.without(attribute)),
        }
    }

    /// The attribute has this value, or the item is gone; without a value, the item lacks it.
    pub(super) fn same_or_gone(
        mut self,
        attribute: &str,
        value: Option<&impl Serialize>,
    ) -> Result<Self, Error> {
        let Some(value) = value else { return Ok(self.without(attribute)) };
        let mut same = Self::default().with(attribute, value)?;
        let key = same.name(PARTITION_KEY);
        let placeholder = format!(":g{}", self.values.len());
        let clause = same.clauses.concat().replace(":c0", &placeholder);
        self.clauses.push(format!("(attribute_not_exists({key}) OR {clause})"));
        self.names.extend(same.names);
        self.values.extend(same.values.into_values().map(|value| (placeholder.clone(), value)));
        Ok(self)
    }

    /// There is no such item, or it has the attribute.
    pub(super) fn missing_or_has(mut self, attribute: &str) -> Self {
        let known = self.clauses.len();
        self = self.without(PARTITION_KEY).has(attribute);
        let either = self.clauses.split_off(known).join(" OR ");
        self.clauses.push(format!("({either})"));
        self
    }

    /// The attribute has this value, or the item lacks it.
    pub(super) fn missing_or_is(mut self, attribute: &str, value: &impl Serialize) -> Result<Self, Error> {
        let known = self.clauses.len();
        self = self.without(attribute).with(attribute, value)?;
        let either = self.clauses.split_off(known).join(" OR ");
        self.clauses.push(format!("({either})"));
        Ok(self)
    }

    /// The attribute is at most `limit`, or the item lacks it.
    pub(super) fn missing_or_at_most(mut self, attribute: &str, limit: u64) -> Self {
        let name = self.name(attribute);
        let placeholder = format!(":l{}", self.values.len());
        self.clauses.push(format!("(attribute_not_exists({name}) OR {name} <= {placeholder})"));
        self.values.insert(placeholder, AttributeValue::N(limit.to_string()));
        self
    }

    /// The attribute is above this value, or the item lacks it.
    pub(super) fn missing_or_above(mut self, attribute: &str, value: &impl Serialize) -> Result<Self, Error> {
        let known = self.clauses.len();
        self = self.above(attribute, value)?.without(attribute);
        let either = self.clauses.split_off(known).join(" OR ");
        self.clauses.push(format!("({either})"));
        Ok(self)
    }

    /// The attribute is at most this value.
    pub(super) fn at_most(self, attribute: &str, value: &impl Serialize) -> Result<Self, Error> {
        self.compared(attribute, "<=", value)
    }

    fn compared(mut self, attribute: &str, sign: &str, value: &impl Serialize) -> Result<Self, Error> {
        let name = self.name(attribute);
        let placeholder = format!(":c{}", self.values.len());
        self.values.insert(placeholder.clone(), to_value(value)?);
        self.clauses.push(format!("{name} {sign} {placeholder}"));
        Ok(self)
    }

    /// A stand-in for the attribute's name, which may be a reserved word.
    fn name(&mut self, attribute: &str) -> String {
        let placeholder = format!("#{attribute}");
        self.names.insert(placeholder.clone(), attribute.to_owned());
        placeholder
    }
}

/// What an update does to an item.
#[derive(Clone, Default)]
pub(super) struct Change {
    sets: Vec<String>,
    removes: Vec<String>,
    insertions: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Change {
    /// Gives the attribute this value.
    pub(super) fn set(mut self, attribute: &str, value: &impl Serialize) -> Result<Self, Error> {
        let placeholder = format!(":s{}", self.values.len());
        self.values.insert(placeholder.clone(), to_value(value)?);
        self.sets.push(format!("#{attribute} = {placeholder}"));
        self.names.insert(format!("#{attribute}"), attribute.to_owned());
        Ok(self)
    }

    /// Gives the attribute this value, unless it has one.
    pub(super) fn set_if_missing(mut self, attribute: &str, value: &impl Serialize) -> Result<Self, Error> {
        let placeholder = format!(":s{}", self.values.len());
        self.values.insert(placeholder.clone(), to_value(value)?);
        self.sets.push(format!("#{attribute} = if_not_exists(#{attribute}, {placeholder})"));
        self.names.insert(format!("#{attribute}"), attribute.to_owned());
        Ok(self)
    }

    /// Puts a text into a set of texts, which is made where there is none.
    pub(super) fn insert(mut self, attribute: &str, text: &str) -> Self {
        let placeholder = format!(":s{}", self.values.len());
        self.values.insert(placeholder.clone(), AttributeValue::Ss(vec![text.to_owned()]));
        self.insertions.push(format!("#{attribute} {placeholder}"));
        self.names.insert(format!("#{attribute}"), attribute.to_owned());
        self
    }

    /// Adds one to the attribute.
    pub(super) fn increment(mut self, attribute: &str) -> Self {
        let placeholder = format!(":s{}", self.values.len());
        self.values.insert(placeholder.clone(), AttributeValue::N("1".to_owned()));
        self.sets.push(format!("#{attribute} = #{attribute} + {placeholder}"));
        self.names.insert(format!("#{attribute}"), attribute.to_owned());
        self
    }

    /// Adds to the attribute, which counts from zero where it is not there yet.
    pub(super) fn add(mut self, attribute: &str, number: u64) -> Self {
        let placeholder = format!(":s{}", self.values.len());
        self.values.insert(placeholder.clone(), AttributeValue::N(number.to_string()));
        self.values.insert(":zero".to_owned(), AttributeValue::N("0".to_owned()));
        self.sets.push(format!("#{attribute} = if_not_exists(#{attribute}, :zero) + {placeholder}"));
        self.names.insert(format!("#{attribute}"), attribute.to_owned());
        self
    }

    /// Takes from the attribute.
    pub(super) fn subtract(mut self, attribute: &str, number: u64) -> Self {
        let placeholder = format!(":s{}", self.values.len());
        self.values.insert(placeholder.clone(), AttributeValue::N(number.to_string()));
        self.sets.push(format!("#{attribute} = #{attribute} - {placeholder}"));
        self.names.insert(format!("#{attribute}"), attribute.to_owned());
        self
    }

    /// Takes the attribute away.
    pub(super) fn remove(mut self, attribute: &str) -> Self {
        self.removes.push(format!("#{attribute}"));
        self.names.insert(format!("#{attribute}"), attribute.to_owned());
        self
    }

    /// Gives the attribute this value, or takes it away when there is none.
    pub(super) fn assign(self, attribute: &str, value: Option<&impl Serialize>) -> Result<Self, Error> {
        match value {
            Some(value) => self.set(attribute, value),
            None => Ok(self.remove(attribute)),
        }
    }
}

/// An expression with its placeholders, as the SDK takes it.
pub(super) struct Expression {
    pub(super) update: String,
    pub(super) condition: Option<String>,
    pub(super) names: Option<HashMap<String, String>>,
    pub(super) values: Option<HashMap<String, AttributeValue>>,
}

impl Expression {
    pub(super) fn new(change: Change, condition: Condition) -> Self {
        let clause = |keyword: &str, parts: &[String]| match parts {
            [] => String::new(),
            parts => format!("{keyword} {} ", parts.join(", ")),
        };
        let clauses = [("SET", &change.sets), ("REMOVE", &change.removes), ("ADD", &change.insertions)];
        let update: String = clauses.into_iter().map(|(keyword, parts)| clause(keyword, parts)).collect();
        let update = update.trim().to_owned();
        let names: HashMap<_, _> = change.names.into_iter().chain(condition.names).collect();
        let values: HashMap<_, _> = change.values.into_iter().chain(condition.values).collect();
        Self {
            update,
            condition: (!condition.clauses.is_empty()).then(|| condition.clauses.join(" AND ")),
            names: (!names.is_empty()).then_some(names),
            values: (!values.is_empty()).then_some(values),
        }
    }
}

enum Action {
    Put(Attributes, Condition),
    Update(Change, Condition),
    Delete(Condition),
    Check(Condition),
}

/// Changes to several items that happen together or not at all.
#[derive(Default)]
pub(super) struct Transaction {
    actions: Vec<(Key, Action)>,
    /// Rooms in whose calls somebody comes or goes by this.
    moved: BTreeSet<Token>,
    /// Rooms in which something is said by this.
    spoken: BTreeSet<Token>,
}

impl Transaction {
    pub(super) fn put(&mut self, key: Key, item: &impl Serialize, condition: Condition) -> Result<(), Error> {
        let attributes = to_attributes(&key, item)?;
        self.actions.push((key, Action::Put(attributes, condition)));
        Ok(())
    }

    /// Those who wait for news of this room's call are to be told.
    pub(super) fn moves(&mut self, token: &Token) {
        self.moved.insert(token.clone());
    }

    /// Those who read along are to be told.
    pub(super) fn says(&mut self, token: &Token) {
        self.spoken.insert(token.clone());
    }

    pub(super) const fn spoken(&self) -> &BTreeSet<Token> {
        &self.spoken
    }

    pub(super) const fn moved(&self) -> &BTreeSet<Token> {
        &self.moved
    }

    pub(super) fn update(&mut self, key: Key, change: Change, condition: Condition) {
        self.actions.push((key, Action::Update(change, condition)));
    }

    pub(super) fn delete(&mut self, key: Key, condition: Condition) {
        self.actions.push((key, Action::Delete(condition)));
    }

    /// Demands something of an item that stays as it is. DynamoDB takes one action for each item,
    /// so a check of one that the transaction changes anyway is left to that change's condition.
    pub(super) fn check(&mut self, key: Key, condition: Condition) {
        if !self.actions.iter().any(|(known, _)| *known == key) {
            self.actions.push((key, Action::Check(condition)));
        }
    }

    /// Leaves an item alone after all.
    pub(super) fn forget(&mut self, key: &Key) {
        self.actions.retain(|(known, _)| known != key);
    }

    pub(super) fn len(&self) -> usize {
        self.actions.len()
    }

    /// What DynamoDB calls the actions when it asks whether they are allowed.
    pub(super) fn actions(&self) -> Vec<&'static str> {
        let name = |action: &Action| match action {
            Action::Put(..) => "PutItem",
            Action::Update(..) => "UpdateItem",
            Action::Delete(_) => "DeleteItem",
            Action::Check(_) => "ConditionCheckItem",
        };
        self.actions.iter().map(|(_, action)| name(action)).collect()
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.actions.append(&mut other.actions);
        self.moved.append(&mut other.moved);
        self.spoken.append(&mut other.spoken);
    }

    pub(super) fn into_items(self, table: &str) -> Result<Vec<TransactWriteItem>, BuildError> {
        self.actions.into_iter().map(|(key, action)| write_item(table, &key, action)).collect()
    }
}

fn write_item(table: &str, key: &Key, action: Action) -> Result<TransactWriteItem, BuildError> {
    // Each action has a builder of its own, with the same methods.
    macro_rules! build {
        ($builder:expr, $expression:expr) => {
            $builder
                .table_name(table)
                .set_condition_expression($expression.condition)
                .set_expression_attribute_names($expression.names)
                .set_expression_attribute_values($expression.values)
                .build()?
        };
    }
    let item = TransactWriteItem::builder();
    let item = match action {
        Action::Put(attributes, condition) => {
            let expression = Expression::new(Change::default(), condition);
            item.put(build!(Put::builder().set_item(Some(attributes)), expression))
        }
        Action::Update(change, condition) => {
            let expression = Expression::new(change, condition);
            let update = Update::builder().set_key(Some(key.attributes()));
            item.update(build!(update.update_expression(expression.update), expression))
        }
        Action::Delete(condition) => {
            let expression = Expression::new(Change::default(), condition);
            item.delete(build!(Delete::builder().set_key(Some(key.attributes())), expression))
        }
        Action::Check(condition) => {
            let expression = Expression::new(Change::default(), condition);
            let check = ConditionCheck::builder().set_key(Some(key.attributes()));
            item.condition_check(build!(check, expression))
        }
    };
    Ok(item.build())
}
