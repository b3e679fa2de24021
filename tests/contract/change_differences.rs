//! Where a server takes a change differently than the published model has it: the same kind of table as
//! `differences`. What is wrong here is proved on the wire and in the practice estate instead.

use super::differences::Difference;

pub const CHANGES: &[Difference] = &[
    Difference {
        place: "fakecloud",
        questions: &["message_refused_in_a_batch"],
        what: "a body with characters that SQS refuses is taken",
        shows: "the model says ([], 1)",
    },
    Difference {
        place: "fakecloud",
        questions: &["move_task_of_no_dead_letter_queue"],
        what: "a queue that is no dead-letter queue is an unsupported operation; which of the two AWS says is not known",
        shows: "Unsupported sqs:StartMessageMoveTask",
    },
    Difference {
        place: "ministack",
        questions: &["move_task_to_the_sources", "move_task_of_no_dead_letter_queue"],
        what: "there are no move tasks",
        shows: "Unsupported sqs:StartMessageMoveTask",
    },
    Difference {
        place: "moto",
        questions: &["move_task_to_the_sources", "move_task_of_no_dead_letter_queue"],
        what: "there are no move tasks: the server fails on them",
        shows: "HTTP 500",
    },
    Difference {
        place: "moto",
        questions: &["message_refused_in_a_batch"],
        what: "a body with characters that SQS refuses is taken",
        shows: "the model says ([], 1)",
    },
    Difference {
        place: "ministack",
        questions: &["same_token_other_content"],
        what: "a ClientRequestToken that was used with other content is accepted",
        shows: "the model says Conflict, it is answered: Version",
    },
    Difference {
        place: "ministack",
        questions: &["publish_with_a_stale_revision", "publish_other_code"],
        what: "PublishVersion looks at neither RevisionId nor CodeSha256",
        shows: "the model says Conflict, it is answered: Published",
    },
    Difference {
        place: "ministack",
        questions: &["value_of_a_key_twice"],
        what: "two keys may have one value",
        shows: "the model says Conflict, it is answered: ApiKeyId",
    },
    Difference {
        place: "ministack",
        questions: &["key_enabled_and_disabled"],
        what: "a patched key has `enabled` as text; from then on GetApiKey and every GetApiKeys with it in the \
               list cannot be read by the SDK",
        shows: "Malformed apigateway:UpdateApiKey",
    },
    Difference {
        place: "ministack",
        questions: &["key_in_a_plan"],
        what: "GetUsagePlans ignores keyId: every key seems to be in every plan",
        shows: "plans of the one outside: the model says []",
    },
    Difference {
        place: "ministack",
        questions: &["third_access_key"],
        what: "a user may have any number of access keys",
        shows: "the model says Conflict, it is answered: AccessKey",
    },
    Difference {
        place: "ministack",
        questions: &["access_keys_of_a_user_that_is_not"],
        what: "what does not exist is answered as if it were empty",
        shows: "the model says NotFound, it is answered: []",
    },
    Difference {
        place: "ministack",
        questions: &["simulation_of_a_user_without_policies"],
        what: "a simulation answers for the first resource only",
        shows: "results: the model says 4, it is 2",
    },
    Difference {
        place: "moto",
        questions: &[
            "function_configuration",
            "environment_edit",
            "environment_edit_with_a_stale_revision",
            "publish_a_version",
            "publish_with_a_stale_revision",
            "publish_other_code",
            "move_an_alias",
        ],
        what: "functions have no RevisionId",
        shows: "RevisionId is missing",
    },
    Difference {
        place: "moto",
        questions: &["move_an_alias_with_a_stale_revision"],
        what: "UpdateAlias does not look at RevisionId",
        shows: "the model says Conflict, it is answered: Done",
    },
    Difference {
        place: "moto",
        questions: &["no_provisioned_concurrency"],
        what: "there is no GetProvisionedConcurrencyConfig",
        shows: "Unsupported lambda:GetProvisionedConcurrencyConfig",
    },
    Difference {
        place: "moto",
        questions: &["usage_of_a_new_key"],
        what: "there is no GetUsage",
        shows: "Unsupported apigateway:GetUsage",
    },
    Difference {
        place: "moto",
        questions: &["key_out_of_a_plan_twice"],
        what: "a key that is not in a plan ends the handler",
        shows: "HTTP 500",
    },
    Difference {
        place: "moto",
        questions: &["simulation_of_a_user_without_policies"],
        what: "there is no SimulatePrincipalPolicy",
        shows: "HTTP 500",
    },
    Difference {
        place: "ministack",
        questions: &["no_url_and_no_policy"],
        what: "a function without a resource policy has one without statements",
        shows: "policy: the model says None",
    },
    Difference {
        place: "moto",
        questions: &["event_source_that_is_not"],
        what: "an event source mapping that is not there is updated all the same",
        shows: "the model says NotFound, it is answered: Done",
    },
    Difference {
        place: "moto",
        questions: &["deny_all_attached_and_detached"],
        what: "of AWS's own policies AWSDenyAll is not there",
        shows: "NotFound iam:AttachUserPolicy",
    },
    Difference {
        place: "moto",
        questions: &["no_events_of_a_key_that_was_never_used"],
        what: "there is no LookupEvents",
        shows: "HTTP 500",
    },
    Difference {
        place: "practice",
        questions: &["key_in_a_plan_twice"],
        what: "its port says a conflict of a key that is in the plan already; the one over the SDK reads it as done",
        shows: "Conflict apigateway:CreateUsagePlanKey",
    },
    Difference {
        place: "practice",
        questions: &["key_out_of_a_plan_twice"],
        what: "its port says not found of a key that has left the plan; the one over the SDK reads it as done",
        shows: "NotFound apigateway:DeleteUsagePlanKey",
    },
    Difference {
        place: "fakecloud",
        questions: &["swap_from_a_version_that_is_not_current", "label_taken_off_a_version_without_it"],
        what: "UpdateSecretVersionStage does not look at RemoveFromVersionId",
        shows: "the model says Conflict, it is answered: Done",
    },
    Difference {
        place: "fakecloud",
        questions: &["environment_edit_with_a_stale_revision"],
        what: "UpdateFunctionConfiguration does not look at RevisionId",
        shows: "the model says Conflict, it is answered: Revision",
    },
    Difference {
        place: "fakecloud",
        questions: &["move_an_alias_with_a_stale_revision"],
        what: "UpdateAlias does not look at RevisionId",
        shows: "the model says Conflict, it is answered: Done",
    },
    Difference {
        place: "fakecloud",
        questions: &["no_provisioned_concurrency"],
        what: "an alias without provisioned concurrency has the code of one that is not there",
        shows: "NotFound lambda:GetProvisionedConcurrencyConfig",
    },
    Difference {
        place: "fakecloud",
        questions: &["canary_of_a_function_without_its_handler"],
        what: "functions run in containers, and only where there is Docker or Podman",
        shows: "Docker/Podman is required",
    },
    Difference {
        place: "fakecloud",
        questions: &["value_of_a_key_twice"],
        what: "two keys may have one value",
        shows: "the model says Conflict, it is answered: ApiKeyId",
    },
    Difference {
        place: "fakecloud",
        questions: &["keys_by_the_beginning_of_a_name"],
        what: "GetApiKeys ignores nameQuery",
        shows: "names: the model says [\"prefix-one\", \"prefix-two\"]",
    },
    Difference {
        place: "fakecloud",
        questions: &["key_in_a_plan"],
        what: "GetUsagePlans ignores keyId: every key seems to be in every plan",
        shows: "plans of the one outside: the model says []",
    },
];
