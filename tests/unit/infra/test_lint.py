"""`make lint` sees what an emulator would deploy without a word."""

import importlib

import pytest

pytestmark = pytest.mark.slow  # the linters load for a second

CARELESS = """
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Stage: {Type: String}
Resources:
  Films:
    Type: AWS::S3::Bucket
    Properties: {BucketName: films}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: work
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: "s3:*", Resource: "*"}
              - {Effect: Allow, Action: s3:GetObject, Resource: !Sub "arn:aws:s3:::${Stage}-films"}
"""

ALARM = """
  MailsBounce:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SES
      MetricName: Reputation.BounceRate
      Statistic: Average
      Period: 3600
      EvaluationPeriods: 1
      Threshold: 0.05
      ComparisonOperator: GreaterThanThreshold
"""


def rules(tmp_path, template):
    path = tmp_path / "some.yaml"
    path.write_text(template)
    # here, or each worker would spend seconds on importing linters before its first test
    findings = importlib.import_module("infra.lint.findings")
    return {one.rule for one in findings.of(path)}


def test_a_right_to_everything_and_a_right_that_has_no_effect_are_found(tmp_path):
    """To read objects one needs a right to objects: one to their bucket is none."""
    assert {"WildcardResourceRule", "RESOURCE_MISMATCH"} <= rules(tmp_path, CARELESS)


def test_an_alarm_may_ring_at_a_fraction(tmp_path):
    assert rules(tmp_path, CARELESS + ALARM) == rules(tmp_path, CARELESS)


def test_a_misspelled_property_is_found(tmp_path):
    assert rules(tmp_path, CARELESS.replace("BucketName", "BucketNam")) == {"E3002"}
