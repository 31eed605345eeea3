import pytest

from autogen.data.tables.reading.personal import personal_data, personal_number

PRODUCTS = ["Blue Chair", "Oak Table", "Red Lamp", "Steel Shelf", "Glass Vase", "Cotton Sofa"]
PEOPLE = ["Anna Huber", "Max Meier", "Eva Bauer", "Dr. Paul Wagner", "Lena Gruber", "Jakob von Moser"]


@pytest.mark.parametrize(
    ("name", "values", "what"),
    [
        ("x", ["ann@b.com", "c.d@e.co.uk"], "e-mail addresses"),
        ("x", ["+43 664 1234567", "0043 1 4000-123", "(01) 234-5678"], "phone numbers"),
        ("x", ["212-555-0134", "415-555-0199"], "phone numbers"),
        ("Telefon", ["0664 1234567", "01 4000123"], "phone numbers"),
        ("x", ["AT611904300234573201", "DE89 3704 0044 0532 0130 00"], "bank accounts"),
        ("x", ["Hauptstraße 5", "Am Weg 12a, 1010 Wien", "12 Baker Street, London"], "addresses"),
        ("x", ["221 Oak Lane", "4 Elm Drive, Springfield"], "addresses"),
        ("x", ["123-45-6789", "987-65-4321"], "ids of persons"),
        ("patient_id", ["P001", "P002"], "ids of persons"),
        ("last_name", ["Huber", "Meier"], "names of persons"),
        ("CustomerName", PEOPLE, "names of persons"),
        ("Vorname", ["Eva", "Max"], "names of persons"),
        ("name", PEOPLE, "names of persons"),
        (
            "passenger",
            ["Braund, Mr. Owen Harris", "Heikkinen, Miss. Laina", "Allen, Mr. William"],
            "names of persons",
        ),
        ("x", PEOPLE, "names of persons"),
        ("ФИО", ["Иванов Пётр", "Смирнова Ольга", "Попов Олег"], "names of persons"),
        ("имя", ["Пётр", "Ольга", "Олег"], "names of persons"),
        ("氏名", ["田中太郎", "佐藤花子", "鈴木一郎"], "names of persons"),
        ("Imię i nazwisko", ["Zofia Nowak", "Łukasz Wójcik"], "names of persons"),
        ("телефон", ["8 912 3456789", "8 495 1234567"], "phone numbers"),
        # what is no personal data
        ("город", ["Томск", "Казань", "Москва"], ""),
        ("都市", ["東京", "大阪", "京都"], ""),
        ("city", ["Wien", "Graz"], ""),
        ("city", ["San Francisco", "New York", "Los Angeles", "Santa Rosa"], ""),
        ("x", ["Paris", "Victoria", "Charlotte", "Florence", "Austin"], ""),
        ("filename", ["a.txt", "b.txt"], ""),
        ("price", ["12.50", "3.00"], ""),
        ("day", ["2024-01-01", "2024-01-02"], ""),
        ("name", PRODUCTS, ""),
        ("product_name", PRODUCTS, ""),
        ("brand", ["Calvin Klein", "Tommy Hilfiger", "Ralph Lauren"], ""),
        ("artist", ["John Lennon", "Maria Callas"], ""),
        ("customer_name", ["Meyer GmbH", "Smith Ltd", "Acme Inc", "Huber & Co"], ""),
        ("customer", ["retail", "wholesale", "online", "partner", "other"], ""),
        ("job", ["Sales Manager", "Office Clerk", "Head Nurse", "Team Lead"], ""),
        ("country", ["United States", "New Zealand", "Costa Rica"], ""),
        ("education", ["Bachelors", "HS-grad", "Some-college", "Masters"], ""),
        ("range", ["01-02", "10-20", "30-45"], ""),
        ("sku", ["AB-123", "CD-456"], ""),
        ("customer_type", ["A1", "B2"], ""),
        ("name", [], ""),
    ],
)
def test_personal_data_is_recognized(name, values, what):
    assert personal_data(name, values) == what


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("customer_id", "ids of persons"),
        ("PatientID", "ids of persons"),
        ("SSN", "ids of persons"),
        ("home_phone", "phone numbers"),
        ("mobile no", "phone numbers"),
        ("id", ""),
        ("order_id", ""),
        ("product_id", ""),
        ("user_age", ""),
        ("customers", ""),
        ("hotel", ""),
    ],
)
def test_numbers_of_persons_are_recognized_by_the_name_of_the_column(name, what):
    assert personal_number(name) == what
