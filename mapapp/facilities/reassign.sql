-- Gives facilities the tambon they lie in. :ids is an array of ids or NULL for all; :metres is how far outside every
-- tambon a point may lie and still belong to the nearest one. Returns the ids that changed.
WITH asked AS (
    SELECT id, point::geometry AS point, point AS place, tambon_code
    FROM facilities
    WHERE CAST(:ids AS bigint[]) IS NULL OR id = ANY (CAST(:ids AS bigint[]))
),
found AS (
    SELECT asked.id, asked.tambon_code AS old, coalesce(inside.code, beside.code) AS new
    FROM asked
    /* which_tambon */
)
UPDATE facilities
SET tambon_code = found.new
FROM found
WHERE facilities.id = found.id AND found.new IS DISTINCT FROM found.old
RETURNING facilities.id
