import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Properties;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;

/** Client EXTENSION DATABASE QUERIES, with count_changes, which makes every write give a row. */
class Client {
    public static void main(String[] args) throws Exception {
        SQLiteConfig config = new SQLiteConfig();
        config.enableLoadExtension(true);
        config.enableCountChanges(true);
        Properties properties = config.toProperties();
        try (Connection db = JDBC.createConnection("jdbc:sqlite:" + args[1], properties);
                Statement statement = db.createStatement()) {
            statement.execute("SELECT load_extension('" + args[0] + "')");
            for (String sql : Files.readAllLines(Path.of(args[2])))
                try (ResultSet rows = statement.executeQuery(sql)) {
                    while (rows.next()) System.out.println(rows.getString(1));
                }
        }
    }
}
