//! A topic that is told something: what goes out, and what its faults say.

use super::open;
use super::server::{Server, xml};
use crate::estate::{Arn, FaultKind, Listener, Vault};

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:incidents";
const TOLD: &str = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>\
                    567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId></PublishResult><ResponseMetadata><RequestId>r\
                    </RequestId></ResponseMetadata></PublishResponse>";

#[tokio::test]
async fn a_topic_is_told_once_in_its_own_region() {
    let server = Server::new(|_| xml(200, TOLD));
    let ports = open(&server).await;
    let topic = Listener::Topic(Arn::new(TOPIC));
    ports.outside.tell(&topic, "Incident leak & more", &Vault::default()).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let text = requests[0].text();
    assert_eq!(requests[0].operation(), "Publish");
    assert!(text.contains("Message=Incident%20leak%20%26%20more"), "{text}");
    assert!(text.contains("TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012%3Aincidents"), "{text}");
    assert!(requests[0].header("authorization").contains("/eu-west-1/sns/aws4_request"));
}

#[tokio::test]
async fn what_a_topic_refuses_is_said_and_what_is_no_topic_is_not_asked() {
    let denied = "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type><Code>\
                  AuthorizationError</Code><Message>User is not authorized to perform: SNS:Publish</Message></Error>\
                  <RequestId>r</RequestId></ErrorResponse>";
    let server = Server::new(move |_| xml(403, denied));
    let ports = open(&server).await;
    let topic = Listener::Topic(Arn::new(TOPIC));
    let fault = ports.outside.tell(&topic, "x", &Vault::default()).await.unwrap_err();
    assert!(fault.operation.contains("sns:Publish"), "{fault:?}");
    assert_eq!(server.requests().len(), 1, "nothing is sent twice");
    for bad in ["incidents", "arn:aws:sqs:eu-west-1:123456789012:x", "arn:aws:sns::123456789012:x", ""] {
        let listener = Listener::Topic(Arn::new(bad));
        let fault = ports.outside.tell(&listener, "x", &Vault::default()).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Invalid, "{bad}");
    }
    assert_eq!(server.requests().len(), 1);
}
