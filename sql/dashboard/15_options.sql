-- What is wrong with the options ?1, as a sentence; no row where nothing is.
SELECT CASE
           WHEN NOT json_valid(?1) THEN 'the options are no JSON object: ''{"from":"2025-10-14","title":"Case 7"}'''
           WHEN json_type(?1) <> 'object'
           THEN 'the options are no JSON object: ''{"from":"2025-10-14","title":"Case 7"}'''
           ELSE (SELECT CASE
                            WHEN key NOT IN ('from', 'to', 'account', 'title')
                            THEN 'no such option: ' || key || ' (there are from, to, account and title)'
                            WHEN type = 'null' THEN NULL
                            WHEN type <> 'text' THEN 'the option ' || key || ' is no text'
                            WHEN key IN ('from', 'to') AND (value NOT GLOB '[0-9][0-9][0-9][0-9]-*'
                                                            OR julianday(value) IS NULL)
                            THEN 'the option ' || key || ' is no time: 2025-10-14 or 2025-10-14T13:00:00Z'
                        END AS wrong
                   FROM json_each(?1)
                  WHERE wrong IS NOT NULL
                  LIMIT 1)
       END AS wrong
 WHERE wrong IS NOT NULL;
