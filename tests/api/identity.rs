//! Who somebody is: ids are written in any case, and name one account; and who may log in no more is out at once.

use shared::domain::random::RandomSource;
use tests::Tenant;

use crate::costs::SAMPLES;

const USERS: &str = "/ocs/v2.php/cloud/users";
const SELF: &str = "/ocs/v2.php/cloud/user";

#[tokio::test]
async fn people_log_in_in_any_case() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("Anna").await;
    for id in ["Anna", "anna", "ANNA"] {
        let somebody = anna.elsewhere_as(id, "password");
        assert_eq!(somebody.get(SELF).await.expect(200).text_at("id"), "Anna", "{id}");
        // What was right is remembered for the spelling that was used.
        somebody.get(SELF).await.expect(200);
        somebody.with_password("another").get(SELF).await.expect(401);
    }
    let made = anna.elsewhere_as("aNNA", "password").get("/ocs/v2.php/core/getapppassword").await.expect(200);
    let app = anna.elsewhere_as("ANNa", &made.text_at("apppassword"));
    assert_eq!(app.get(SELF).await.expect(200).text_at("id"), "Anna");
    // A room is made by the account, however its owner wrote the id.
    let token = app.public_room().await;
    assert_eq!(anna.get(&format!("/room/{token}")).await.expect(200).data()["participantType"], 1);
}

#[tokio::test]
async fn two_ids_that_differ_in_case_alone_cannot_exist() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    tenant.user("Anna").await;
    let made = async |id: &str| admin.post(USERS, &[("userid", id), ("password", "a long password")]).await;
    assert_eq!(made("anna").await.code(), 102);
    assert_eq!(made("ANNA").await.code(), 102);
    admin.delete(&format!("{USERS}/Anna"), &[]).await.expect(200);
    made("anna").await.expect(200);
    assert_eq!(made("Anna").await.code(), 102);
    admin.delete(&format!("{USERS}/anna"), &[]).await.expect(200);
    let left = tenant.everything().await.into_iter().filter(|item| item.to_lowercase().contains("anna"));
    assert_eq!(left.collect::<Vec<_>>(), Vec::<String>::new());
}

#[tokio::test]
async fn of_two_who_are_added_at_once_one_is() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let admin = &admin;
    let made = |id: &'static str| async move {
        admin.post(USERS, &[("userid", id), ("password", "a long password")]).await
    };
    let answers = futures_util::future::join_all(["anna", "Anna", "ANNA"].map(made)).await;
    let mut codes: Vec<u64> = answers.iter().map(tests::Answer::code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [102, 102, 200]);
}

#[tokio::test]
async fn who_is_disabled_or_removed_is_out_at_once_also_where_the_login_is_remembered() {
    for way in ["PUT /disable", "DELETE "] {
        let (method, end) = way.split_once(' ').unwrap();
        for sample in SAMPLES.iter().filter(|sample| sample.is_of_somebody_with_an_account()) {
            let row = sample.row;
            let tenant = Tenant::new().await;
            let stage = sample.stage(&tenant).await;
            let caller = stage.caller().to_owned();
            // Another instance, which knows the caller from a moment ago.
            let warm = tenant.twin(RandomSource::from_seed(1));
            stage.greet(&warm).await.expect(200);
            stage.admin.form(method, &format!("{USERS}/{caller}{end}"), &[]).await.expect(200);
            let answer = stage.call(row, &warm).await;
            // Somebody whose session has ended is told so before anything else.
            let expected =
                if row.method == "GET" && row.path.starts_with("/signaling/{") { 404 } else { 401 };
            let is_poll = row.method == "GET" && row.path == "/signaling";
            assert!(
                answer.status == expected || is_poll && answer.status == 404,
                "{way}: {} {} was answered {} {}",
                row.method,
                row.path,
                answer.status,
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn who_is_disabled_is_in_no_call() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let token = anna.public_room().await;
    anna.add(&token, &ben).await.expect(200);
    anna.join(&token).await;
    ben.join(&token).await;
    admin.put(&format!("{USERS}/ben/disable"), &[]).await.expect(200);
    assert_eq!(anna.peers(&token).await.len(), 1);
    // The room is still Ben's, for when he may come back.
    assert_eq!(anna.get(&format!("/room/{token}/participants")).await.column("userId"), ["anna", "ben"]);
}

#[tokio::test]
async fn an_app_whose_password_was_taken_back_is_out_at_once() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let own = anna.with_password("password");
    let lost = own.get("/ocs/v2.php/core/getapppassword").await.expect(200).text_at("apppassword");
    let phone = anna.with_password(&lost);
    let warm = tenant.twin(RandomSource::from_seed(1));
    warm.known(&phone).get("/room").await.expect(200);
    phone.delete("/ocs/v2.php/core/apppassword", &[]).await.expect(200);
    for path in ["/room", "/signaling/settings", SELF] {
        warm.known(&phone).get(path).await.expect(401);
    }
    warm.known(&phone).post(&format!("/call/{token}"), &[]).await.expect(401);
    warm.known(&anna).get("/room").await.expect(200);
}

#[tokio::test]
async fn who_had_an_id_before_is_not_the_one_who_has_it_now() {
    let tenant = Tenant::new().await;
    let (admin, anna) = (tenant.admin().await, tenant.user("anna").await.with_password("password"));
    let warm = tenant.twin(RandomSource::from_seed(1));
    warm.known(&anna).get("/room").await.expect(200);
    admin.delete(&format!("{USERS}/anna"), &[]).await.expect(200);
    let fields = [("userid", "anna"), ("password", "another password")];
    admin.post(USERS, &fields).await.expect(200);
    for path in ["/room", "/signaling/settings", SELF] {
        warm.known(&anna).get(path).await.expect(401);
    }
    anna.with_password("another password").get("/room").await.expect(200);
}

#[tokio::test]
async fn a_new_password_ends_the_call_of_those_who_knew_the_old_one() {
    let tenant = Tenant::new().await;
    let (admin, anna) = (tenant.admin().await, tenant.user("anna").await);
    let token = anna.public_room().await;
    anna.join(&token).await;
    let change = [("key", "password"), ("value", "another password")];
    admin.put(&format!("{USERS}/anna"), &change).await.expect(200);
    let again = anna.with_password("another password");
    assert_eq!(again.peers(&token).await.len(), 0);
}
