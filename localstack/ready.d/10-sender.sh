#!/bin/sh
# LocalStack runs this when its services are ready. SES refuses mails from a sender that it does not know, and
# CloudFormation of the free edition has no AWS::SES::EmailIdentity: so the sender of the stage is known from the start,
# also to whoever deploys with plain chalice.
exec awslocal ses verify-email-identity --email-address "${MAIL_SENDER:-no-reply@videoflix.local}"
