-- Until release 0.1.0 nothing told the kinds of problem apart but what they say.
UPDATE main.cloudtrail_problem
   SET kind = CASE message
                  WHEN 'another event with this eventTime and eventID is there already' THEN 'conflict'
                  WHEN 'a key is repeated' THEN 'note'
                  ELSE 'unreadable'
              END;
