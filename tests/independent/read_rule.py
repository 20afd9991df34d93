#!/usr/bin/env python3
"""The metadata of a published Sentinel rule, read from its text, to hold the table `rule` against.

    read_rule.py FILE

FILE is the rule as it is shown on the web: a table of fields, the query, the YAML file. Prints one
JSON array in the order of the table's columns, from id to requiredDataConnectors, without enabled.
Only as much YAML is read as such a file has: scalars, lists, lists of mappings.
"""
import json
import re
import sys

with open(sys.argv[1], encoding='utf-8') as file:
    text = file.read()

fields = dict(re.findall(r'^\| (.+?) \| (.*) \|$', text, re.M))
yaml = text[text.index('\nversion: ') :]


def scalar(name):
    return re.search(r'^%s: (.*)$' % name, yaml, re.M).group(1)


def listed(name):
    return re.findall(r'^- (\S+)$', re.search(r'^%s:\n((?:- .*\n?)+)' % name, yaml, re.M).group(1), re.M)


def mapping(name):
    block = re.search(r'^%s:\n((?:\w+: .*\n)*?)(?=tactics:)' % name, yaml, re.M).group(1)
    return dict(line.split(': ') for line in block.splitlines())


description = re.search(r"^description: \|\n'(.*)'$", yaml, re.M).group(1)
field_mappings = re.findall(r'^- columnName: (\S+)\nidentifier: (\S+)$', yaml, re.M)
connector = re.search(r'^- connectorId: (\S+)\ndataTypes:\n- (\S+)$', yaml, re.M)

# the two halves of the text agree
assert fields['Id'] == scalar('id') and fields['Rulename'] == scalar('name')
assert fields['Severity'] == scalar('severity') and fields['Description'] == description
assert fields['Techniques'].split() == listed('relevantTechniques')
assert fields['Tactics'].split() == listed('tactics')
assert fields['Query period'] == re.search(r'^queryPeriod: (.*)$', text, re.M).group(1)
assert fields['Query frequency'] == scalar('queryFrequency')
assert fields['Source Uri'] == scalar('OriginalUri') and fields['Version'] == scalar('version')

print(
    json.dumps(
        [
            scalar('id'),
            scalar('name'),
            description,
            scalar('severity'),
            listed('tactics'),
            listed('relevantTechniques'),
            scalar('queryFrequency'),
            fields['Query period'],
            scalar('triggerOperator'),
            int(scalar('triggerThreshold')),
            scalar('version'),
            scalar('OriginalUri'),
            [
                {
                    'fieldMappings': [
                        {'columnName': column, 'identifier': identifier}
                        for column, identifier in field_mappings
                    ],
                    'entityType': scalar('entityType'),
                }
            ],
            mapping('customDetails'),
            scalar('kind'),
            [{'connectorId': connector.group(1), 'dataTypes': [connector.group(2)]}],
        ],
        separators=(',', ':'),
    )
)
