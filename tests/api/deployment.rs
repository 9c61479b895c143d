//! What is deployed is what is tested: one set of routes on a laptop and in a stack.

use std::collections::BTreeMap;

use serde_yaml_ng::Value;
use tests::routes;

#[test]
fn the_template_has_the_routes_of_the_laptop() {
    let template: Value = serde_yaml_ng::from_str(include_str!("../../template.yaml")).unwrap();
    let mut deployed = BTreeMap::new();
    for resource in template["Resources"].as_mapping().unwrap().values() {
        let function = &resource["Metadata"]["BuildProperties"]["Binary"];
        for event in
            resource["Properties"]["Events"].as_mapping().into_iter().flat_map(|events| events.values())
        {
            let path = event["Properties"]["Path"].as_str().unwrap();
            // The gateway marks a path's rest at its end, cargo lambda at its beginning.
            let path = path.replace("{path+}", "{*path}");
            deployed.insert(path, function.as_str().unwrap().to_owned());
        }
    }
    assert_eq!(deployed, routes());
}
