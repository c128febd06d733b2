-- From which to which day the data reaches: the days of the first and of the newest arrival.
select min(arrival_date) as first_date, max(arrival_date) as last_date
from gold.ingestion_volume
