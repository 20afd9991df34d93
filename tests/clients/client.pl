# client.pl EXTENSION DATABASE QUERIES
use strict;
use warnings;
use DBI;

my ($extension, $database, $queries) = @ARGV;
my $db = DBI->connect("dbi:SQLite:dbname=$database", '', '', { RaiseError => 1, PrintError => 0 });
$db->sqlite_enable_load_extension(1);
$db->sqlite_load_extension($extension);
open my $lines, '<', $queries or die "$queries: $!";
while (my $sql = <$lines>) {
    print "$_\n" for @{ $db->selectcol_arrayref($sql) };
}
